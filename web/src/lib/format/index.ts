export * from "./quantities";
export * from "./time";
export * from "./words";
