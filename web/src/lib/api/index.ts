export * from "./calls";
export { ApiProblem, isProblem } from "./problem";
export { mayBeSignedIn, onSessionLost, sessionEnded } from "./session";
export * from "./shapes";
export { uploadFiles } from "./upload";
