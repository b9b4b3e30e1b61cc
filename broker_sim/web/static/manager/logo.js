// Puts a chosen picture, as base64, into a hidden field of its form: our forms carry texts only.

for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  const into = document.getElementById(input.dataset.into);
  const said = document.getElementById(`${input.id}-said`);
  input.addEventListener("change", async () => {
    into.value = "";
    said.textContent = "";
    const [file] = input.files;
    if (!file) return;
    if (file.size > Number(input.dataset.most)) {
      said.textContent = "This picture is too large.";
      input.value = "";
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    into.value = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });
}
