const LONGEST = 40;

/** The lasting name of a new role, made from its title: letters, digits and dashes, and none that is taken. */
export function roleNameOf(title: string, taken: readonly string[]): string {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  const stem = (plain.length > 1 ? plain : `role-${plain}`).slice(0, LONGEST - 4).replace(/-+$/, "");
  let name = stem;
  for (let n = 2; taken.includes(name); n++) name = `${stem}-${n}`;
  return name;
}
