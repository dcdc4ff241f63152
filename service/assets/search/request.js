// What a search sends: made of what was typed and chosen.

// The filter that was typed, and what was chosen from the counts. Values of facets are texts: what
// they are in the metadata, a number perhaps, jsonpath has to be told.
export function filter(typed, chosen) {
  const parts = Object.entries(chosen).map(([name, value]) => {
    const wanted = [JSON.stringify(value)];
    if (value === "true" || value === "false" || (value.trim() && Number.isFinite(Number(value)))) wanted.push(value);
    return `(${wanted.map((one) => `$.${JSON.stringify(name)} == ${one}`).join(" || ")})`;
  });
  if (parts.length === 0) return typed || undefined;
  if (typed) parts.push(...conditions(typed));
  return parts.join(" && ");
}

function conditions(typed) {
  if (!typed.startsWith("{")) return [`(${typed})`];
  try {
    return Object.entries(JSON.parse(typed)).map(([name, value]) => `$.${JSON.stringify(name)} == ${JSON.stringify(value)}`);
  } catch {
    return [typed]; // the server says what is wrong with it
  }
}

// The legs with their weights; none given where all weigh the same, which is what the server does by itself.
// One that weighs nothing is not asked: what it alone finds would stand among the results all the same.
// `readable`: numbers on the picture are read and searched for.
export function legs({ words, picture, readable, likes, spaces, weights }) {
  if (Object.values(weights).every((weight) => weight === 1)) return undefined;
  const asked = [];
  const add = (leg, name) => {
    const weight = weights[name] ?? 1;
    if (weight > 0) asked.push({ ...leg, weight });
  };
  if (words || (picture && readable)) ["lexical", "identifier"].forEach((kind) => add({ kind }, kind));
  for (const { space, modality } of spaces) {
    const takes = modality === "text" ? words : modality === "image" ? picture : words || picture;
    if (takes) add({ kind: "vector", space }, space);
    if (likes) add({ kind: "like", space }, space);
  }
  return asked;
}
