#!/usr/bin/env escript
%% -*- erlang -*-
%%! +S 1:1 -noshell
%% Runs scenarios (one JSON object a line, docs/supervision.md) against OTP's own supervisor and prints what happened
%% as JSON lines, as `troupe supervise` prints it. Usage: otp_scenarios.escript FILE
%%
%% What happens is not told by the children but seen by tracing the supervisors: calls of exit/2 are their stop and
%% kill requests, calls of event/1 are starts and reports, and the end of each process is a trace event of its own.
%% Time stamps are strictly monotonic, so sorting by them gives the causal order.
-mode(compile).
-export([main/1, init/1, event/1, start_worker/3, start_dynamic/3, start_supervisor/2, worker/2, log/2]).

main([File]) ->
    logger:set_primary_config(level, error),
    [logger:remove_handler(H) || H <- logger:get_handler_ids()],
    ok = logger:add_handler(troupe, ?MODULE, #{}),
    io:setopts(standard_io, [{encoding, unicode}]),
    {ok, Bin} = file:read_file(File),
    Lines = [L || L <- binary:split(Bin, <<"\n">>, [global]), L =/= <<>>],
    erlang:trace_pattern({erlang, exit, 2}, true, [local]),
    erlang:trace_pattern({?MODULE, event, 1}, true, []),
    lists:foldl(fun(Line, N) -> run(json(Line), N), N + 1 end, 0, Lines);
main(_) ->
    io:format(standard_error, "usage: otp_scenarios.escript FILE~n", []),
    halt(2).

%% One scenario: a driver process that is traced with all it starts, and this process that collects.
run(Scenario, N) ->
    ets:new(world, [named_table, public]),
    Me = self(),
    Driver = spawn(fun() -> receive go -> ok end, drive(Scenario, Me) end),
    erlang:trace(Driver, true, [call, procs, set_on_spawn, strict_monotonic_timestamp, {tracer, Me}]),
    Ref = monitor(process, Driver),
    Driver ! go,
    Events = collect(Driver, Ref, []),
    put(out, [["{\"scenario\":", integer_to_list(N), "}\n"]]),
    print(Driver, lists:keysort(1, Events)),
    file:write(standard_io, lists:reverse(get(out))),
    ets:delete(world).

collect(Driver, Ref, Acc) ->
    receive
        {trace_ts, Pid, call, {erlang, exit, [To, Why]}, Ts} -> collect(Driver, Ref, [{Ts, exit2, Pid, To, Why} | Acc]);
        {trace_ts, Pid, call, {_, event, [What]}, Ts} -> collect(Driver, Ref, [{Ts, event, Pid, What} | Acc]);
        {trace_ts, Pid, exit, Why, Ts} -> collect(Driver, Ref, [{Ts, exit, Pid, Why} | Acc]);
        {'DOWN', Ref, process, _, Why} ->
            Why =:= normal orelse io:format(standard_error, "driver: ~p~n", [Why]),
            D = erlang:trace_delivered(all),
            receive {trace_delivered, all, D} -> ok end,
            flush(Acc);
        _ -> collect(Driver, Ref, Acc)
    end.

flush(Acc) ->
    receive
        {trace_ts, Pid, call, {erlang, exit, [To, Why]}, Ts} -> flush([{Ts, exit2, Pid, To, Why} | Acc]);
        {trace_ts, Pid, call, {_, event, [What]}, Ts} -> flush([{Ts, event, Pid, What} | Acc]);
        {trace_ts, Pid, exit, Why, Ts} -> flush([{Ts, exit, Pid, Why} | Acc]);
        _ -> flush(Acc)
    after 0 -> Acc
    end.

%% Printing: the trace in order, pids turned into paths.

print(Driver, Events) ->
    put(step, 0),
    lists:foldl(fun(E, Paths) -> print(E, Driver, Paths) end, #{}, Events).

print({_, event, _, {step, N}}, _, Paths) -> put(step, N), Paths;
print({_, event, _, {finished}}, _, _) -> put(step, over), #{};
print(_, _, Paths) when map_get(over, Paths) -> Paths;
print({_, event, _, {start, Path, Pid}}, _, Paths) -> out([<<"start">>], [{child, Path}]), Paths#{Pid => Path};
print({_, event, _, {ignore, Path}}, _, Paths) -> out([<<"ignore">>], [{child, Path}]), Paths;
print({_, event, _, {start_failed, Path, Why}}, _, Paths) ->
    out([<<"start_failed">>], [{child, Path}, {reason, reason(Why)}]), Paths;
print({_, event, _, {report, Kind, Path, Why}}, _, Paths) ->
    case Kind of
        shutdown -> out([<<"report">>], [{kind, <<"reached_max_restart_intensity">>}, {child, Path}]);
        _ -> out([<<"report">>], [{kind, atom_to_binary(Kind)}, {child, Path}, {reason, reason(Why)}])
    end, Paths;
print({_, event, _, {out, Name, Fields}}, _, Paths) -> out([Name], Fields), Paths;
print({_, exit2, Driver, _, _}, Driver, Paths) -> Paths;
print({_, exit2, _, To, Why}, _, Paths) ->
    case Paths of
        #{To := Path} when Why =:= kill -> out([<<"kill">>], [{child, Path}]);
        #{To := Path} when Why =:= shutdown -> out([<<"stop">>], [{child, Path}]);
        _ -> ok
    end, Paths;
print({_, exit, Pid, Why}, _, Paths) ->
    case Paths of
        #{Pid := Path} -> out([<<"exit">>], [{child, Path}, {reason, reason(Why)}]), maps:remove(Pid, Paths);
        _ -> Paths
    end.

out([Name], Fields) ->
    case get(step) of
        over -> ok;
        Step ->
            Line = ["{\"step\":", integer_to_list(Step), ",\"event\":", to_json(Name),
                    [[",", to_json(atom_to_binary(K)), ":", to_json(V)] || {K, V} <- Fields], "}\n"],
            put(out, [Line | get(out)])
    end.

reason(normal) -> <<"normal">>;
reason(shutdown) -> <<"shutdown">>;
reason(killed) -> <<"killed">>;
reason({shutdown, {failed_to_start_child, Id, Why}}) ->
    iolist_to_binary([<<"shutdown: failed_to_start_child ">>, Id, ": ", reason(Why)]);
reason({shutdown, B}) when is_binary(B) -> <<"shutdown: ", B/binary>>;
reason({error, B}) when is_binary(B) -> <<"error: ", B/binary>>;
reason(Other) -> iolist_to_binary(io_lib:format("~0p", [Other])).

to_reason(<<"normal">>) -> normal;
to_reason(<<"shutdown">>) -> shutdown;
to_reason(<<"killed">>) -> killed;
to_reason(<<"shutdown: ", B/binary>>) -> {shutdown, B};
to_reason(<<"error: ", B/binary>>) -> {error, B};
to_reason(B) -> {error, B}.

%% The function that is traced; it does nothing.
event(_) -> ok.

%% A logger handler: runs in the supervisor's process.
log(#{msg := {report, #{label := {supervisor, Kind}, report := Report}}}, _) when Kind =/= progress ->
    Offender = proplists:get_value(offender, Report),
    Sup = case ets:lookup(world, {path, self()}) of [{_, P}] -> P; [] -> <<"?">> end,
    Id = proplists:get_value(id, Offender),
    ets:update_counter(world, work, 1, {work, 0}),
    ?MODULE:event({report, Kind, <<Sup/binary, "/", Id/binary>>, proplists:get_value(reason, Report)});
log(_, _) -> ok.

%% Children

start_worker(Path, Significantly, OnExit) ->
    ets:update_counter(world, work, 1, {work, 0}),
    _ = Significantly,
    Outcome = case ets:lookup(world, {starts, Path}) of
                  [{_, [First | Rest]}] -> ets:insert(world, {{starts, Path}, Rest}), First;
                  _ -> <<"ok">>
              end,
    case Outcome of
        <<"ok">> ->
            {ok, Pid} = proc_lib:start_link(?MODULE, worker, [self(), OnExit]),
            ets:insert(world, [{{pid, Path}, Pid, self()}, {{name, Pid}, Path}]),
            ?MODULE:event({start, Path, Pid}),
            {ok, Pid};
        <<"ignore">> ->
            ?MODULE:event({ignore, Path}),
            ignore;
        Why ->
            ?MODULE:event({start_failed, Path, to_reason(Why)}),
            {error, to_reason(Why)}
    end.

start_dynamic(Pool, OnExit, Number) ->
    start_worker(<<Pool/binary, "/", Number/binary>>, dynamic, OnExit).

worker(Parent, OnExit) ->
    OnExit =:= <<"obey">> orelse process_flag(trap_exit, true),
    proc_lib:init_ack(Parent, {ok, self()}),
    worker_loop(OnExit).

worker_loop(OnExit) ->
    receive
        {do_exit, Why} -> exit(Why);
        {'EXIT', _, shutdown} when OnExit =/= <<"ignore">> -> exit(to_reason(OnExit));
        _ -> worker_loop(OnExit)
    end.

start_supervisor(Path, Node) ->
    ets:update_counter(world, work, 1, {work, 0}),
    case supervisor:start_link(?MODULE, {Path, Node}) of
        {ok, Pid} ->
            ?MODULE:event({start, Path, Pid}),
            {ok, Pid};
        {error, Why} ->
            ?MODULE:event({start_failed, Path, Why}),
            {error, Why}
    end.

init({Path, Node}) ->
    ets:insert(world, [{{path, self()}, Path}, {{pid, Path}, self(), none}, {{name, self()}, Path}, {{sup, Path}, self(), Node}]),
    Simple = atom(Node, <<"strategy">>) =:= simple_one_for_one,
    Flags = #{strategy => atom(Node, <<"strategy">>), intensity => maps:get(<<"intensity">>, Node, 1),
              period => maps:get(<<"period">>, Node, 5),
              auto_shutdown => binary_to_atom(maps:get(<<"auto_shutdown">>, Node, <<"never">>))},
    {ok, {Flags, [spec(Path, C, Simple) || C <- maps:get(<<"children">>, Node, [])]}}.

spec(Path, C = #{<<"id">> := Id}, Simple) ->
    Child = <<Path/binary, "/", Id/binary>>,
    OnExit = maps:get(<<"on_exit">>, C, <<"obey">>),
    case C of
        #{<<"starts">> := Starts} ->
            case ets:lookup(world, {starts, Child}) of
                [] -> ets:insert(world, {{starts, Child}, Starts});
                _ -> ok
            end;
        _ -> ok
    end,
    {Type, Start} = case C of
                        #{<<"supervisor">> := Node} -> {supervisor, {?MODULE, start_supervisor, [Child, Node]}};
                        _ when Simple -> {worker, {?MODULE, start_dynamic, [Path, OnExit]}};
                        _ -> {worker, {?MODULE, start_worker, [Child, static, OnExit]}}
                    end,
    Spec = #{id => Id, start => Start, type => Type, significant => maps:get(<<"significant">>, C, false),
             restart => binary_to_atom(maps:get(<<"restart">>, C, <<"permanent">>))},
    case C of
        #{<<"shutdown">> := T} when is_integer(T) -> Spec#{shutdown => T};
        #{<<"shutdown">> := T} -> Spec#{shutdown => binary_to_atom(T)};
        _ -> Spec
    end.

%% The driver: the root's parent. It does the steps, each until the tree is at rest.

drive(#{<<"tree">> := Tree} = Scenario, Collector) ->
    process_flag(trap_exit, true),
    _ = Collector,
    start_supervisor(<<"root">>, Tree),
    quiet(),
    Steps = maps:get(<<"steps">>, Scenario, []),
    Last = lists:foldl(fun(Step, N) ->
                               ?MODULE:event({step, N}),
                               finish(step(Step)),
                               N + 1
                       end, 1, Steps),
    ?MODULE:event({step, Last}),
    children(<<"root">>),
    ?MODULE:event({finished}),
    case alive(<<"root">>) of
        {ok, Root} -> exit(Root, kill), receive {'EXIT', Root, _} -> ok end;
        _ -> ok
    end,
    [exit(P, kill) || [P] <- ets:match(world, {{pid, '_'}, '$1', '_'})].

alive(Path) ->
    case ets:lookup(world, {pid, Path}) of
        [{_, Pid, _}] -> case is_process_alive(Pid) of true -> {ok, Pid}; false -> dead end;
        [] -> none
    end.

supervisor_at(Path) ->
    case ets:lookup(world, {sup, Path}) of
        [{_, Pid, Node}] -> case is_process_alive(Pid) of true -> {ok, Pid, Node}; false -> dead end;
        [] -> none
    end.

%% A step gives the calls that are under way; finish waits for the tree and tells their answers.
finish(Calls) ->
    quiet(),
    [answer(C) || C <- Calls].

step(#{<<"do">> := <<"exit">>, <<"child">> := Path, <<"reason">> := Why}) ->
    case {alive(Path), supervisor_at(Path)} of
        {{ok, Pid}, {ok, Pid, _}} -> catch sys:terminate(Pid, to_reason(Why)), [];
        {{ok, Pid}, _} ->
            Ref = monitor(process, Pid),
            case Why of
                <<"killed">> -> exit(Pid, kill);
                _ -> Pid ! {do_exit, to_reason(Why)}
            end,
            receive {'DOWN', Ref, _, _, _} -> [] end;
        _ -> ?MODULE:event({out, <<"skip">>, [{do, <<"exit">>}, {child, Path}]}), []
    end;
step(#{<<"do">> := <<"fail_next">>, <<"child">> := Path} = S) ->
    more_starts(Path, maps:get(<<"times">>, S, 1), maps:get(<<"reason">>, S, <<"error: failed">>)), [];
step(#{<<"do">> := <<"ignore_next">>, <<"child">> := Path} = S) ->
    more_starts(Path, maps:get(<<"times">>, S, 1), <<"ignore">>), [];
step(#{<<"do">> := <<"advance">>, <<"seconds">> := Seconds}) ->
    %% Time passes by moving the restarts that each supervisor remembers into the past (#state.restarts).
    [catch sys:replace_state(Pid, fun(St) -> setelement(8, St, [R - Seconds || R <- element(8, St)]) end)
     || [Pid] <- ets:match(world, {{sup, '_'}, '$1', '_'}), is_process_alive(Pid)], [];
step(#{<<"do">> := <<"burst">>, <<"supervisor">> := Path, <<"steps">> := Steps}) ->
    case supervisor_at(Path) of
        {ok, Pid, _} ->
            sys:suspend(Pid),
            Calls = lists:append([begin C = step(S), quiet(), C end || S <- Steps]),
            sys:resume(Pid),
            Calls;
        _ -> ?MODULE:event({out, <<"skip">>, [{do, <<"burst">>}, {supervisor, Path}]}), []
    end;
step(#{<<"do">> := <<"stop">>}) ->
    case alive(<<"root">>) of
        {ok, Pid} -> exit(Pid, shutdown), receive {'EXIT', Pid, _} -> [] end;
        _ -> ?MODULE:event({out, <<"skip">>, [{do, <<"stop">>}]}), []
    end;
step(#{<<"do">> := Do, <<"supervisor">> := Path} = S) ->
    case supervisor_at(Path) of
        {ok, Pid, Node} ->
            case request(Do, Path, Pid, Node, S) of
                skip -> ?MODULE:event({out, <<"skip">>, [{do, Do}, {supervisor, Path}]}), [];
                Request -> [{Do, Path, Node, gen_server:send_request(Pid, Request)}]
            end;
        _ -> ?MODULE:event({out, <<"skip">>, [{do, Do}, {supervisor, Path}]}), []
    end.

request(<<"start_child">>, Path, _, Node, S) ->
    case atom(Node, <<"strategy">>) of
        simple_one_for_one when is_map_key(<<"spec">>, S) -> skip;
        simple_one_for_one ->
            {start_child, [integer_to_binary(ets:update_counter(world, {count, Path}, 1, {{count, Path}, 0}))]};
        _ -> case S of
                 #{<<"spec">> := Spec} -> {start_child, spec(Path, Spec, false)};
                 _ -> skip
             end
    end;
request(<<"terminate_child">>, Path, Pid, Node, #{<<"child">> := Id}) ->
    case atom(Node, <<"strategy">>) of
        simple_one_for_one ->
            case ets:lookup(world, {pid, <<Path/binary, "/", Id/binary>>}) of
                [{_, Child, Pid}] -> {terminate_child, Child};
                _ -> skip
            end;
        _ -> {terminate_child, Id}
    end;
request(<<"restart_child">>, _, _, _, #{<<"child">> := Id}) -> {restart_child, Id};
request(<<"delete_child">>, _, _, _, #{<<"child">> := Id}) -> {delete_child, Id};
request(<<"get_childspec">>, _, _, _, #{<<"child">> := Id}) -> {get_childspec, Id};
request(<<"which_children">>, _, _, _, _) -> which_children;
request(<<"count_children">>, _, _, _, _) -> count_children.

answer({Do, Path, Node, Request}) ->
    Reply = case gen_server:wait_response(Request, infinity) of
                {reply, R} -> R;
                {error, _} -> noproc
            end,
    ?MODULE:event({out, <<"reply">>, [{call, Do}, {supervisor, Path} | fields(Reply, Path, Node)]}).

fields(noproc, _, _) -> [{result, <<"noproc">>}];
fields(ok, _, _) -> [{result, <<"ok">>}];
fields({ok, #{restart := R, shutdown := S, type := T, significant := G}}, _, _) ->
    [{result, <<"ok">>}, {restart, atom_to_binary(R)}, {shutdown, shutdown(S)}, {type, atom_to_binary(T)},
     {significant, G}];
fields({ok, Pid}, Path, _) -> [{result, <<"ok">>}, {child, path_of(Pid, Path)}];
fields({error, {already_started, Pid}}, Path, _) -> [{result, <<"already_started">>}, {child, path_of(Pid, Path)}];
fields({error, Why}, _, _) when is_atom(Why), Why =/= normal, Why =/= shutdown, Why =/= killed ->
    [{result, atom_to_binary(Why)}];
fields({error, {bad_combination, _}}, _, _) -> [{result, <<"invalid_child_spec">>}];
fields({error, {Why, Child}}, _, _) when is_tuple(Child), element(1, Child) =:= child ->
    [{result, <<"start_failed">>}, {reason, reason(Why)}];
fields({error, Why}, _, _) -> [{result, <<"start_failed">>}, {reason, reason(Why)}];
fields([{specs, S}, {active, A}, {supervisors, U}, {workers, W}], _, _) ->
    [{result, <<"ok">>}, {specs, S}, {active, A}, {supervisors, U}, {workers, W}];
fields(Children, Path, _) when is_list(Children) ->
    [{result, <<"ok">>}, {children, [which(C, Path) || C <- Children]}].

shutdown(T) when is_integer(T) -> T;
shutdown(T) -> atom_to_binary(T).

which({Id, Pid, Type, _}, Path) when is_pid(Pid) ->
    Name = case Id of undefined -> path_of(Pid, Path); _ -> Id end,
    [Name, <<"running">>, atom_to_binary(Type)];
which({undefined, What, Type, _}, _) -> [<<"?">>, atom_to_binary(What), atom_to_binary(Type)];
which({Id, What, Type, _}, _) -> [Id, atom_to_binary(What), atom_to_binary(Type)].

path_of(undefined, _) -> <<"">>;
path_of(Pid, _) ->
    case ets:lookup(world, {name, Pid}) of
        [{_, Path}] -> Path;
        [] -> <<"?">>
    end.

children(Path) ->
    case supervisor_at(Path) of
        {ok, Pid, _} ->
            Children = supervisor:which_children(Pid),
            ?MODULE:event({out, <<"children">>, [{supervisor, Path}, {children, [which(C, Path) || C <- Children]}]}),
            [children(<<Path/binary, "/", Id/binary>>)
             || {Id, P, supervisor, _} <- lists:reverse(Children), is_pid(P)];
        _ -> ok
    end.

more_starts(Path, Times, What) ->
    Before = case ets:lookup(world, {starts, Path}) of [{_, L}] -> L; [] -> [] end,
    ets:insert(world, {{starts, Path}, Before ++ lists:duplicate(Times, What)}).

%% At rest: all supervisors have answered twice in a row and nothing was started and nobody ended in between.
quiet() -> quiet(undefined, 0).
quiet(_, 2) -> ok;
quiet(Before, Same) ->
    [catch sys:get_state(Pid, infinity) || [Pid] <- ets:match(world, {{sup, '_'}, '$1', '_'})],
    erlang:yield(),
    Alive = [P || [P] <- ets:match(world, {{pid, '_'}, '$1', '_'}), is_process_alive(P)],
    Now = {ets:lookup(world, work), lists:sort(Alive)},
    quiet(Now, case Now of Before -> Same + 1; _ -> 0 end).

atom(Node, Key) -> binary_to_atom(maps:get(Key, Node, <<"one_for_one">>)).

%% JSON

to_json(B) when is_binary(B) -> [$", [escape(C) || <<C>> <= B], $"];
to_json(N) when is_integer(N) -> integer_to_list(N);
to_json(A) when is_atom(A) -> atom_to_list(A);
to_json(L) when is_list(L) -> ["[", lists:join(",", [to_json(E) || E <- L]), "]"].

escape($") -> "\\\"";
escape($\\) -> "\\\\";
escape(C) when C < 32 -> io_lib:format("\\u~4.16.0b", [C]);
escape(C) -> C.

json(Text) ->
    {Value, Rest} = value(space(Text)),
    <<>> = space(Rest),
    Value.

space(<<C, T/binary>>) when C =:= $\s; C =:= $\n; C =:= $\r; C =:= $\t -> space(T);
space(T) -> T.

value(<<"{", T/binary>>) -> object(space(T), #{});
value(<<"[", T/binary>>) -> array(space(T), []);
value(<<"\"", T/binary>>) -> string(T, <<>>);
value(<<"true", T/binary>>) -> {true, T};
value(<<"false", T/binary>>) -> {false, T};
value(<<"null", T/binary>>) -> {null, T};
value(T) ->
    {Digits, Rest} = digits(T, []),
    {list_to_integer(Digits), Rest}.

digits(<<C, T/binary>>, Acc) when C >= $0, C =< $9; C =:= $- -> digits(T, [C | Acc]);
digits(T, Acc) -> {lists:reverse(Acc), T}.

object(<<"}", T/binary>>, Acc) -> {Acc, T};
object(<<",", T/binary>>, Acc) -> object(space(T), Acc);
object(<<"\"", T/binary>>, Acc) ->
    {Key, T1} = string(T, <<>>),
    <<":", T2/binary>> = space(T1),
    {Value, T3} = value(space(T2)),
    object(space(T3), Acc#{Key => Value}).

array(<<"]", T/binary>>, Acc) -> {lists:reverse(Acc), T};
array(<<",", T/binary>>, Acc) -> array(space(T), Acc);
array(T, Acc) ->
    {Value, T1} = value(T),
    array(space(T1), [Value | Acc]).

string(<<"\"", T/binary>>, Acc) -> {Acc, T};
string(<<"\\u", H:4/binary, T/binary>>, Acc) -> string(T, <<Acc/binary, (binary_to_integer(H, 16))/utf8>>);
string(<<"\\n", T/binary>>, Acc) -> string(T, <<Acc/binary, "\n">>);
string(<<"\\t", T/binary>>, Acc) -> string(T, <<Acc/binary, "\t">>);
string(<<"\\", C, T/binary>>, Acc) -> string(T, <<Acc/binary, C>>);
string(<<C, T/binary>>, Acc) -> string(T, <<Acc/binary, C>>).
