#!/bin/bash
# docs/supervision.md lists every test of the Supervisor suites, and every test it lists exists.
set -u
cd "$(dirname "$0")/../.." || exit 2
listed=$(grep -o '^| `Supervisor[A-Za-z]*\.[A-Za-z0-9]*`' docs/supervision.md | tr -d '|` ' | sort)
written=$(grep -h -o '^TEST(Supervisor[A-Za-z]*, [A-Za-z0-9]*)' tests/unit/kernel/supervisor_*_test.cpp |
  sed 's/TEST(\(.*\), \(.*\))/\1.\2/' | sort)
diff <(echo "$listed") <(echo "$written") >/tmp/supervision_table.$$
result=$?
sed -n 's/^< \(.*\)/docs\/supervision.md lists \1, which does not exist/p; s/^> \(.*\)/docs\/supervision.md does not list \1/p' /tmp/supervision_table.$$
rm -f /tmp/supervision_table.$$
[ "$(echo "$listed" | sort | uniq -d)" = "" ] || { echo "a test is listed twice"; result=1; }
echo "$(echo "$listed" | wc -l) rules listed"
exit $result
