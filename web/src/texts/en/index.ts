/**
 * Every sentence of the pages, in one place for translation; functions take what varies.
 * One file per area, used as `import * as t`, so that a page loads only the areas it speaks of.
 */

export { access } from "./access";
export { athletes } from "./athletes";
export { audit } from "./audit";
export { auth } from "./auth";
export { body } from "./body";
export { calendar } from "./calendar";
export { common, product } from "./common";
export { count } from "./count";
export { docs } from "./docs";
export { duplicates } from "./duplicates";
export { exports } from "./exports";
export { flags } from "./flags";
export { jobs } from "./jobs";
export { limits } from "./limits";
export { load } from "./load";
export { noticeChoices, notices } from "./notices";
export { onboarding } from "./onboarding";
export { operator } from "./operator";
export { operatorWork } from "./operatorWork";
export { organization } from "./organization";
export { palette } from "./palette";
export { precedence } from "./precedence";
export { privacy } from "./privacy";
export { problems } from "./problems";
export { security } from "./security";
export { settings } from "./settings";
export { shell } from "./shell";
export { shortcuts } from "./shortcuts";
export { sources } from "./sources";
export { thresholds } from "./thresholds";
export { today } from "./today";
export { uploads } from "./uploads";
export { ways } from "./ways";
export { webhooks } from "./webhooks";
export { workouts } from "./workouts";
