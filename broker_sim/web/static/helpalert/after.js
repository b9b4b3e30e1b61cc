/** After the end: how it ended, the representative's survey, and the way out. */
import { byId, say, show, toast } from "./dom.js";

const WHY = {
  Declined: "Nobody took the request.", Unanswered: "Nobody answered in time.", Abandoned: "The customer has left.", Failed: "The connection failed.",
};

/** @param {ReturnType<import("./model.js").createDesk>} desk @param server */
export function createAfter(desk, server) {
  const survey = byId("survey"), problem = survey.querySelector(".problem-line");
  let shown = null;

  survey.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ratings = [...new FormData(survey)].filter(([, value]) => value.trim()).map(([label, value]) => ({ label, value }));
    if (!ratings.length) { say(problem, "Answer at least one question, or close the session."); return; }
    say(problem, "");
    try {
      await server.act(desk.selected, "submitRating", { ratings });
      await desk.renew();
      toast("Thank you: your answers are kept with the session.");
      byId("done").focus();
    } catch (refused) { say(problem, refused.message); }
  });
  byId("done").addEventListener("click", () => desk.close(desk.selected));

  function draw() {
    const open = desk.session();
    show(byId("after"), Boolean(open?.ended));
    if (!open?.ended) { shown = null; return; }
    if (shown !== open.sessionId) { survey.reset(); say(problem, ""); shown = open.sessionId; }
    say(byId("after-title"), open.stage === "failed" ? "The request has come to nothing" : open.transferredTo ? "The customer is handed on" : "The session has ended");
    const handed = open.transferredTo ? `It goes on as session ${open.transferredTo}.` : "";
    const resolved = open.resolution && !handed ? `Resolution: ${open.resolution}.` : "";
    say(byId("after-note"), WHY[open.whyEnded] ?? [handed, resolved, open.mayRate || handed ? "" : "Your survey is kept with it."].filter(Boolean).join(" "));
    show(survey, open.mayRate && !open.transferredTo);
  }
  return { draw };
}
