/** Bytes in words for people: `10 MiB`, `1.5 GiB`, `300 bytes`. */
export function sizeWords(bytes: number): string {
  const units: [number, string][] = [[1024 ** 3, "GiB"], [1024 ** 2, "MiB"], [1024, "KiB"]];
  const [size, unit] = units.find(([size]) => bytes >= size) ?? [1, "bytes"];
  return `${Number((bytes / size).toFixed(1))} ${unit}`;
}
