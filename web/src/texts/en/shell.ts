export const shell = {
  navigation: "Main",
  workouts: "Workouts",
  uploads: "Uploads",
  duplicates: "Possible duplicates",
  duplicatesShort: "Duplicates",
  settings: "Settings",
  account: "Account",
  search: "Search or jump to…",
  theme: "Theme",
  themes: { system: "As the system", light: "Light", dark: "Dark" },
  keyboard: "Keyboard shortcuts",
  roles: { owner: "Owner", admin: "Admin", coach: "Coach", athlete: "Athlete", member: "Member" } as Record<
    string,
    string
  >,
};
