// The consent step: what stands for the download of the support client, and says that it does.

const STEPS = 24;
const STEP_MS = 60;

/** Let the form show its progress before it is sent. */
export function consent(stage, { send }) {
  const form = stage.querySelector("[data-agree]");
  let stopped = false;

  async function agree(event) {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const shown = form.querySelector("[data-download]");
    shown.hidden = false;
    for (let step = 1; step <= STEPS && !stopped; step += 1) {
      await new Promise((done) => setTimeout(done, STEP_MS));
      shown.querySelector("progress").value = (100 * step) / STEPS;
    }
    if (stopped) return;
    await send(form);
    shown.hidden = true; // where sending failed, one may try again
    button.disabled = false;
  }

  form.addEventListener("submit", agree);
  return {
    changed() {},
    stop() {
      stopped = true;
    },
  };
}
