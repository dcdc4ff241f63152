// Addresses of a collection.
export const urlOf = (name, what = "") => `/collections/${encodeURIComponent(name)}${what}`;
