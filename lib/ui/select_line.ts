/** Shows a line of a text field and selects it. @param number from 1 */
export function selectLine(field: HTMLTextAreaElement, number: number): void {
  const lines = field.value.split("\n");
  const from = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  field.focus();
  field.setSelectionRange(from, from + (lines[number - 1] ?? "").length);
  // Lines don't wrap in it, so each has its share of the height.
  const before = Math.max(0, number - 4);
  field.scrollTop = field.scrollHeight * before / Math.max(1, lines.length);
}
