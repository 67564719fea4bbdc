/** What the keeper is: a shell script (see keeper.ts). */

/** A function that counts what was killed for memory in a group, as the machine's files tell. */
export const COUNT_KILLS = `count() {
  count=0
  if [ "$version" = 1 ]; then events=$memory/memory.oom_control; else events=$memory/memory.events; fi
  while read -r key value; do if [ "$key" = oom_kill ]; then count=$value; fi; done < "$events"
}`;

/**
 * Reads lines of a verb, a number and what goes with it:
 *
 *     SLOT n version memory cpu group…   the control groups of a slot; the first one is looked into
 *     LIVE pid hold                      remember it; hold: session, tree or the number of a slot
 *     JOIN pid n limit quota             put it and all below it into the groups of its slot
 *     TERM pid hold                      ask all of it to end
 *     STOP pid                           ask what is below it to end, or else itself
 *     KILL pid hold                      kill all of it
 *     END pid hold                       kill the rest and forget it
 *     FREE pid hold                      forget it
 *
 * and answers a JOIN with `JOINED pid` or `REFUSED pid`, an END of a slot with `USED pid peak kills`.
 * "-" stands for what there is not, "=" for a limit that is as it was: a shell reads its input and
 * writes files a piece at a time, so little is said and written.
 */
export const KEEPER_SCRIPT = `trap "" HUP INT TERM
live=
tree() {
  local kid kids
  kids=
  read -r kids < "/proc/$1/task/$1/children" || :
  for kid in $kids; do
    found="$found $kid"
    tree "$kid"
  done
}
slot() {
  eval "version=\\$version_$1 memory=\\$memory_$1 cpu=\\$cpu_$1 groups=\\$groups_$1 kills=\\$kills_$1"
  main=\${groups%% *}
}
${COUNT_KILLS}
limit() {
  if [ "$1" = = ] || [ "$memory" = - ]; then :
  elif [ "$version" = 1 ]; then
    swap=$memory/memory.memsw.limit_in_bytes
    [ ! -e "$swap" ] || echo -1 > "$swap"
    echo "$1" > "$memory/memory.limit_in_bytes"
    [ ! -e "$swap" ] || [ "$1" = -1 ] || echo "$1" > "$swap"
  else
    if [ "$1" = -1 ]; then echo max > "$memory/memory.max"; else echo "$1" > "$memory/memory.max"; fi
    [ ! -e "$memory/memory.swap.max" ] || [ "$1" = -1 ] || echo 0 > "$memory/memory.swap.max"
  fi
  [ "$version" != 1 ] || [ "$memory" = - ] || echo 0 > "$memory/memory.max_usage_in_bytes"
  if [ "$2" = = ] || [ "$cpu" = - ]; then :
  elif [ "$version" = 1 ]; then echo "$2" > "$cpu/cpu.cfs_quota_us"
  elif [ "$2" = -1 ]; then echo max > "$cpu/cpu.max"
  else echo "$2 100000" > "$cpu/cpu.max"; fi
}
join() {
  moved=" "
  again=1
  while [ -n "$again" ]; do
    again=
    found=$1
    tree "$1"
    for one in $found; do
      case $moved in *" $one "*) continue ;; esac
      for group in $groups; do
        echo "$one" > "$group/cgroup.procs" || [ ! -e "/proc/$one" ] || return 1
      done
      moved="$moved$one "
      again=1
    done
  done
}
empty() {
  tries=0
  while [ "$tries" -lt 200 ]; do
    any=
    while read -r one; do
      any=1
      kill -s KILL "$one"
    done < "$1/cgroup.procs"
    [ -n "$any" ] || return 0
    tries=$((tries + 1))
  done
}
slay() {
  case $2 in
    session) kill -s KILL -- "-$1" || kill -s KILL "$1" ;;
    tree) kill -s KILL "$1" ;;
    *) slot "$2"; empty "$main" ;;
  esac
}
ask() {
  if [ "$2" = session ]; then
    kill -s TERM -- "-$1" || kill -s TERM "$1"
    return
  fi
  found=$1
  tree "$1"
  calm
}
calm() {
  for one in $found; do
    comm=
    read -r comm < "/proc/$one/comm"
    # The walls go with the task, and must not go before it.
    [ "$comm" = bwrap ] || kill -s TERM "$one"
  done
}
stop() {
  found=
  tree "$1"
  : "\${found:=$1}"
  calm
}
free() {
  case $live in *"$1 $2
"*) live="\${live%%"$1 $2
"*}\${live#*"$1 $2
"}" ;; esac
}
finish() {
  free "$1" "$2"
  case $2 in
    session) kill -s KILL -- "-$1"; return ;;
    tree) return ;;
  esac
  slot "$2"
  empty "$main"
  peak=0
  used=0
  if [ "$memory" != - ]; then
    count
    used=$((count - kills))
    eval "kills_$2=$count"
    if [ "$version" = 1 ]; then read -r peak < "$memory/memory.max_usage_in_bytes"
    elif [ -e "$memory/memory.peak" ]; then read -r peak < "$memory/memory.peak"; fi
  fi
  echo "USED $1 $peak $used"
}
while read -r verb pid rest; do
  set -- $rest
  case $verb in
    SLOT)
      eval "version_$pid=\\$1 memory_$pid=\\$2 cpu_$pid=\\$3"
      version=$1 memory=$2
      shift 3
      eval "groups_$pid=\\$*"
      count=0
      [ "$memory" = - ] || count
      eval "kills_$pid=$count" ;;
    LIVE) live="$live$pid $1
" ;;
    JOIN)
      slot "$1"
      limit "$2" "$3"
      # What was killed before is not counted against it.
      [ "$memory" = - ] || { count; eval "kills_$1=$count"; }
      if join "$pid"; then echo "JOINED $pid"; else echo "REFUSED $pid"; fi ;;
    TERM) ask "$pid" "$1" ;;
    STOP) stop "$pid" ;;
    KILL) slay "$pid" "$1" ;;
    END) finish "$pid" "$1" ;;
    FREE) free "$pid" "$1" ;;
  esac
done
while read -r pid hold; do [ -z "$pid" ] || slay "$pid" "$hold"; done <<EOF
$live
EOF`;
