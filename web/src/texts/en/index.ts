/**
 * Every sentence of the pages, in one place for translation; functions take what varies.
 * One file per area, used as `import * as t`, so that a page loads only the areas it speaks of.
 */

export { auth } from "./auth";
export { common, product } from "./common";
export { count } from "./count";
export { docs } from "./docs";
export { duplicates } from "./duplicates";
export { palette } from "./palette";
export { problems } from "./problems";
export { settings } from "./settings";
export { shell } from "./shell";
export { shortcuts } from "./shortcuts";
export { uploads } from "./uploads";
export { workouts } from "./workouts";
