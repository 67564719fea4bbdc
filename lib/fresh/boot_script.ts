import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { BOOT_FILE, islandUrl } from "./island_url.ts";
import { slotId } from "./island_markup.ts";
import type { Island } from "./island_registry.ts";
import type { RenderState } from "./render_state.ts";
import { serialise } from "./serialise.ts";

/**
 * What a page with islands carries at its end: JSX that an island holds back, and the
 * script that starts the islands. Empty for a page without islands.
 *
 * @throws {TypeError} when an island got a prop that can't be sent to a browser
 */
export function bootMarkup(state: RenderState, basePath: string): string {
  if (state.instances.length === 0) return "";
  const templates = drawTemplates(state);
  const islands = distinct(state);
  const url = (file: string): string => JSON.stringify(basePath + islandUrl(state.buildId, file));
  const modules = [...new Set(islands.map(({ name }) => name))];
  const imports = modules.map((name, i) => `import*as m${i} from${url(`${name}.js`)};`);
  const components = islands.map(({ name, exportName }) =>
    `m${modules.indexOf(name)}[${JSON.stringify(exportName)}]`
  );
  const code = `import{boot}from${url(BOOT_FILE)};${imports.join("")}` +
    `boot([${components}],${JSON.stringify(state.buildId)},${propsTable(state, islands)});`;
  return `${templates}<script type="module" nonce="${state.nonce}">${escape(code)}</script>`;
}

/** Lets the browser fetch the islands' code while it still reads the page. */
export function preloadHeader(state: RenderState, basePath: string): string {
  const files = [BOOT_FILE, ...new Set(distinct(state).map(({ name }) => `${name}.js`))];
  return files.map((file) =>
    `<${encodeURI(basePath + islandUrl(state.buildId, file))}>; rel="modulepreload"; as="script"`
  ).join(", ");
}

function distinct(state: RenderState): Island[] {
  return [...new Set(state.instances.map(({ island }) => island))];
}

/** Drawing one may meet further islands and further JSX for them, so the list can grow. */
function drawTemplates(state: RenderState): string {
  let html = "";
  for (let id = 0; id < state.slots.length; id++) {
    const slot = state.slots[id];
    if (slot === undefined || slot.drawn) continue;
    html += renderToString(h("template", { id: `fresh-slot-${id}` }, slot.content));
  }
  return html;
}

function propsTable(state: RenderState, islands: Island[]): string {
  const instances = state.instances.map(({ island, props }) => [islands.indexOf(island), props]);
  try {
    return JSON.stringify(serialise(instances, slotId));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const nameOf = (_: string, i: string): string => state.instances[Number(i)]?.island.name ?? _;
    throw new TypeError(error.message.replace(/^props\[(\d+)\]\[1\]/, nameOf), { cause: error });
  }
}

/** Nothing in a script may look like markup to the HTML parser. */
function escape(code: string): string {
  return code.replaceAll("<", "\\u003c");
}
