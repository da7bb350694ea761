// @ts-check
/** Comments pinned to a frame and a person, and the field to write one or to send a clip back. */

import { delegate, h, icon, show } from "nightjar/core/dom.js";
import { ago } from "nightjar/core/format.js";
import { t } from "nightjar/core/i18n.js";
import { announce } from "nightjar/core/notices.js";
import { keyCaps } from "nightjar/clip/buttons.js";
import { personName } from "nightjar/clip/model.js";
import { commentsOf, personOf, subjectOf } from "nightjar/clip/review/judge_model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/review/judge_model.js").Comment} Comment */
/** @typedef {{kind: "comment" | "send_back", frame: number, person: number | null, target: string}} Draft what is being written */

/** @param {number | null} person */
const nameOf = (person) => person === null ? "" : person < 1_000_000 ? personName(person) : t("Added person");

/** @param {{frame: number | null, person: number | null}} pin */
function pinText({ frame, person }) {
  const who = nameOf(person);
  if (frame === null) return who || t("Whole clip");
  return who ? t("Frame {frame}, {who}", { frame, who }) : t("Frame {frame}", { frame });
}

/** @param {Bench} bench */
export function install(bench) {
  const { actions, boot, page, player } = bench;
  const place = bench.section("comments", 50);
  const list = h("section", { class: "comments", "aria-label": t("Comments") });
  const writing = h("form", { class: "comment-form", "data-testid": "comment-form", hidden: true });
  place.append(list, writing);
  /** @type {Draft | null} */
  let draft = null;

  /** @param {Draft["kind"]} kind */
  function begin(kind) {
    const state = page.get();
    player.pause();
    draft = { kind, frame: Math.max(0, player.frame), person: personOf(state), target: subjectOf(state) };
    writing.hidden = false;
    show(writing, formView(draft));
    const field = writing.querySelector("textarea");
    if (field) field.value = "";
    field?.focus();
    writing.scrollIntoView({ block: "nearest" });
  }

  function end() {
    draft = null;
    writing.hidden = true;
    show(writing, null);
  }

  function submit() {
    const text = writing.querySelector("textarea")?.value.trim() ?? "";
    if (!draft || !text || !bench.edits) return;
    const { kind, frame, person, target } = draft;
    end();
    if (kind === "comment") {
      bench.edits.make({ kind: "comment.add", target: bench.edits.newId(), data: { frame, person, text } });
      announce(t("Comment added"));
      return;
    }
    bench.decide("send_back", { target, comment: text, frame, person });
  }

  writing.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  writing.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  });
  delegate(place, "click", {
    cancel: end,
    visit: (element) => {
      player.seek(Number(element.dataset.frame));
      if (element.dataset.person) bench.choose({ person: Number(element.dataset.person) });
    },
    resolve: (element) => {
      const resolved = element.dataset.resolved !== "true";
      bench.edits?.make({ kind: "comment.resolve", target: element.dataset.target, data: { resolved } });
    },
  });

  const canWrite = () => boot.can.review && Boolean(bench.edits) && page.get().clip !== null;
  const group = t("Judge");
  actions.addAll([
    { id: "review.comment", group, name: t("Comment on this frame"), keys: ["C"], can: canWrite, run: () => begin("comment") },
    { id: "review.send-back", group, name: t("Send back with a comment"), keys: ["Shift+C"], can: canWrite, run: () => begin("send_back") },
  ]);
  bench.on("leave", end);
  bench.on("render", (state) => show(list, state.clip && listView(bench, commentsOf(state))));
}

/** @param {Draft} draft */
function formView(draft) {
  const isSent = draft.kind === "send_back";
  return [
    h("label", { for: "comment-text" }, isSent ? t("Send back: what should be changed?") : t("Comment"), h("span", { class: "muted" }, ` ${pinText(draft)}`)),
    h("textarea", { id: "comment-text", rows: 3, maxlength: 2000, required: true, "data-testid": "comment-text" }),
    h("div", { class: "comment-foot" },
      h("button", { type: "button", class: "button small quiet", "data-click": "cancel" }, t("Cancel")),
      h("button", { class: "button small primary", "data-testid": "comment-submit", title: t("Ctrl Enter") }, isSent ? t("Send back") : t("Add comment"))),
  ];
}

/** @param {Bench} bench @param {Comment[]} comments */
function listView(bench, comments) {
  const mayWrite = bench.boot.can.review && bench.edits;
  return [
    h("div", { class: "comments-head" }, h("h2", null, t("Comments")),
      mayWrite && h("button", { type: "button", class: "button small quiet", "data-action": "review.comment", "data-testid": "comment-open" }, t("Comment"), keyCaps(bench.actions, "review.comment"))),
    comments.length > 0 && h("ol", null, comments.map((comment) => commentView(comment, Boolean(mayWrite)))),
  ];
}

/** @param {Comment} comment @param {boolean} mayWrite */
function commentView(comment, mayWrite) {
  const { target, text, resolved, frame, person, written_by, author, written_at, edited_at } = comment;
  const who = `${written_by ?? author ?? ""}, ${ago(written_at ?? edited_at)}`;
  return h("li", { class: `comment${resolved ? " resolved" : ""}`, "data-key": target, "data-testid": "comment", "data-resolved": String(resolved) },
    h("p", null, text),
    h("div", { class: "comment-foot" },
      frame === null
        ? h("span", { class: "muted" }, pinText(comment))
        : h("button", { type: "button", class: "link", "data-click": "visit", "data-frame": frame, "data-person": person ?? "" }, pinText(comment)),
      h("span", { class: "muted" }, who),
      resolved && h("span", { class: "comment-done" }, icon("check"), t("Resolved")),
      mayWrite && h("button", { type: "button", class: "button small quiet", "data-click": "resolve", "data-target": target, "data-resolved": String(resolved) }, resolved ? t("Open again") : t("Resolve"))));
}
