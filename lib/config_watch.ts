/** Tells when the settings file may have changed: it was written, put in place, or SIGHUP came. */
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; this long after the last of them it is looked at. */
const SETTLE_MS = 100;

/**
 * Calls `onChange` after each change of the file and each SIGHUP.
 * @param path absolute; the file need not be there, its directory must
 * @returns how to stop it
 */
export function watchConfig(
  path: string,
  { onChange, onFailure }: {
    readonly onChange: () => void;
    /** The directory can't be watched: only SIGHUP is left. */
    readonly onFailure: (reason: string) => void;
  },
): () => void {
  const stopFile = watchFile(path, { onChange, onFailure });
  if (Deno.build.os === "windows") return stopFile;
  Deno.addSignalListener("SIGHUP", onChange);
  return () => {
    Deno.removeSignalListener("SIGHUP", onChange);
    stopFile();
  };
}

function watchFile(
  path: string,
  { onChange, onFailure }: Parameters<typeof watchConfig>[1],
): () => void {
  let watcher: Deno.FsWatcher;
  try {
    // The directory and not the file, which may be replaced by another one of its name.
    watcher = Deno.watchFs(dirname(path), { recursive: false });
  } catch (error) {
    onFailure(String(error));
    return () => {};
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = async (): Promise<void> => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.some((each) => basename(each) === basename(path))) continue;
      clearTimeout(timer);
      timer = setTimeout(onChange, SETTLE_MS);
    }
  };
  void follow().catch((error) => onFailure(String(error)));
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
