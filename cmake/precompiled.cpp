// Has nothing: its target holds the precompiled headers that others use.
