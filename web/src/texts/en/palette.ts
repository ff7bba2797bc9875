export const palette = {
  title: "Search and commands",
  placeholder: "A page, an action or a workout’s name",
  empty: "Nothing found. Try a shorter word.",
  go: "Go to",
  actions: "Actions",
  workouts: "Workouts",
  upload: "Upload files…",
  light: "Use the light theme",
  dark: "Use the dark theme",
  metric: "Use metric units",
  imperial: "Use imperial units",
  hint: "↑ ↓ to choose, Enter to open, Esc to close",
};
