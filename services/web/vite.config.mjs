import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

// Where the dependencies are when they are not in a folder above this one: an image that is unpacked somewhere else.
const modules = process.env["SLIPWAY_NODE_MODULES"];
const here = fileURLToPath(new URL(".", import.meta.url));
const { resolve } = createRequire(modules ? path.join(path.resolve(modules), "..", "package.json") : import.meta.url);

/** @type {{ default: typeof import("@vitejs/plugin-react").default }} */
const { default: react } = await import(pathToFileURL(resolve("@vitejs/plugin-react")).href);

/** @param {string} name */
const folderOf = (name) => path.dirname(resolve(`${name}/package.json`));

/** @type {import("vite").UserConfig} */
export default {
  root: here,
  plugins: [react()],
  resolve: modules ? { alias: { react: folderOf("react"), "react-dom": folderOf("react-dom") } } : {},
  build: {
    outDir: path.join(here, "dist"),
    emptyOutDir: true,
    // The page's content security policy allows neither `data:` addresses nor scripts inside the page.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
};
