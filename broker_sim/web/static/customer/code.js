// The phone code: groups of three digits as it is typed. Without this script it is typed as it comes.

const DIGITS = 9;

/** Give the digits of a text in groups of three; more than a code has stay, so that a slip is seen. */
export function grouped(text) {
  const digits = text.replace(/\D/g, "");
  return digits.replace(/(\d{3})(?=\d)/g, "$1 ");
}

/** Group what stands in a field, the caret behind the same digit as before. */
function group(field) {
  if (/[^\d\s-]/.test(field.value)) return; // what is no code stays as it was typed
  const before = field.value.slice(0, field.selectionStart).replace(/\D/g, "").length;
  field.value = grouped(field.value);
  let caret = 0;
  for (let seen = 0; caret < field.value.length && seen < before; caret += 1) {
    if (/\d/.test(field.value[caret])) seen += 1;
  }
  field.setSelectionRange(caret, caret);
  field.classList.toggle("whole", field.value.replace(/\D/g, "").length === DIGITS);
}

const field = document.getElementById("Code");
field.addEventListener("input", () => group(field));
group(field);
