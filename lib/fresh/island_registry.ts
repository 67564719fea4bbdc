import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { ComponentType } from "preact";

/** A component that also runs in the browser. */
export interface Island {
  /** Absolute path of its module. */
  file: string;
  /** Name of its module's bundle. */
  name: string;
  exportName: string;
  fn: ComponentType;
  css: string[];
}

/** Knows which components are islands; they are recognised by identity. */
export class IslandRegistry {
  /** Bundle name → module path. */
  readonly entries: Map<string, string> = new Map();
  #byComponent: Map<unknown, Island> = new Map();
  #loading: Promise<void> | null = null;

  constructor(files: Iterable<string>) {
    for (const file of files) this.entries.set(this.#uniqueName(file), file);
  }

  /** Imports the island modules. Pages import them anyway, so this mostly finds them loaded. */
  load(): Promise<void> {
    this.#loading ??= this.#importAll();
    return this.#loading;
  }

  get(component: unknown): Island | undefined {
    return this.#byComponent.get(component);
  }

  async #importAll(): Promise<void> {
    await Promise.all([...this.entries].map(async ([name, file]) => {
      const module: Record<string, unknown> = await import(pathToFileURL(file).href);
      for (const [exportName, fn] of Object.entries(module)) {
        if (typeof fn !== "function") continue;
        this.#byComponent.set(fn, { file, name, exportName, fn: fn as ComponentType, css: [] });
      }
    }));
  }

  #uniqueName(file: string): string {
    const stem = basename(file).replace(/\.[^.]+$/, "").replaceAll(/[^\w$-]+/g, "_");
    let name = stem;
    for (let i = 1; this.entries.has(name); i++) name = `${stem}_${i}`;
    return name;
  }
}
