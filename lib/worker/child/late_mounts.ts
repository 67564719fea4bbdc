/**
 * Mounts that depend on what is there when walls are built: around a file, a directory and nothing
 * they are built differently. The worker may not look, since what is taken from its tasks is taken from
 * itself; the shell that starts the walls looks instead.
 */

const HIDE = "--cis-hide";
const SEAL = "--cis-seal";

/** Stands for what hides a path, whatever is there. */
export function hideArgs(path: string): string[] {
  return [HIDE, path];
}

/** Stands for what makes a hidden directory read-only, once all that is shown in it is there. */
export function sealArgs(path: string): string[] {
  return [SEAL, path];
}

/** Goes once through all its arguments: those of the walls as they have to be, the command as it is. */
const LOOK = `walls=$1 command=$2
shift 2
while [ "$walls" -gt 0 ]; do
  case $1 in
    ${HIDE})
      if [ -d "$2" ]; then set -- "$@" --tmpfs "$2"
      elif [ -e "$2" ]; then set -- "$@" --ro-bind /dev/null "$2"; fi
      shift 2
      walls=$((walls - 2)) ;;
    ${SEAL})
      [ ! -d "$2" ] || set -- "$@" --remount-ro "$2"
      shift 2
      walls=$((walls - 2)) ;;
    *)
      set -- "$@" "$1"
      shift
      walls=$((walls - 1)) ;;
  esac
done
while [ "$command" -gt 0 ]; do
  set -- "$@" "$1"
  shift
  command=$((command - 1))
done
exec "$@"`;

/**
 * Program and arguments of walls around a command. With a shell around them only where there is
 * something to look at: it takes a millisecond.
 */
export function withLateMounts(walls: readonly string[], command: readonly string[]): string[] {
  if (!walls.includes(HIDE)) return [...walls, ...command];
  const counts = [String(walls.length), String(command.length)];
  return ["/bin/sh", "-c", LOOK, "sh", ...counts, ...walls, ...command];
}
