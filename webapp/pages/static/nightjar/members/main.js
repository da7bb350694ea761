// @ts-check
/** The members page: who belongs to the project, and what they may do. */

import { getJson, messageOf, patchJson, postJson, remove } from "nightjar/core/api.js";
import { delegate, h, icon, show } from "nightjar/core/dom.js";
import { ago } from "nightjar/core/format.js";
import { t } from "nightjar/core/i18n.js";
import { confirmed, toast } from "nightjar/core/notices.js";
import { goLive } from "nightjar/core/live.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";

/** @typedef {{id: number, username: string, role: string, created_at: string}} Member */
/** @typedef {{members: Member[] | null, error: string}} State */

const ROLES = [
  ["viewer", t("Viewer"), t("sees clips and labels")],
  ["reviewer", t("Reviewer"), t("also uploads, judges and starts analyses")],
  ["admin", t("Admin"), t("also labels, members, training and deleting")],
];

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;
const page = createState(/** @type {State} */ ({ members: null, error: "" }), (state) => show(root, view(state)));

/** @param {State} state */
function view({ members, error }) {
  return h(
    "div",
    { class: "column" },
    h("header", { class: "page-head" }, h("h1", null, t("Members")),
      h("ul", { class: "roles" }, ROLES.map(([, name, text]) => h("li", null, h("strong", null, name), ` ${text}`)))),
    error && h("p", { class: "notice bad", role: "alert" }, icon("alert"), h("span", null, error)),
    members === null && !error && h("p", { class: "booting" }, t("Loading…")),
    members && h("section", { class: "panel" }, h("table", null,
      h("thead", null, h("tr", null, [t("User"), t("Role"), t("Member since"), h("span", { class: "sr-only" }, t("Actions"))].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", null, members.map(memberRow)))),
    h(
      "form",
      { class: "panel inline-form", "data-submit": "add", "data-testid": "add-member" },
      h("label", { class: "field grow" }, h("span", null, t("User name")), h("input", { type: "text", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })),
      h("label", { class: "field" }, h("span", null, t("Role")), roleSelect("viewer", { name: "role" })),
      h("button", { class: "button primary" }, t("Add member")),
    ),
    boot.user.superuser && h(
      "form",
      { class: "panel inline-form", "data-submit": "user", "data-testid": "add-user" },
      h("h2", { class: "form-title" }, t("New user of this server")),
      h("label", { class: "field grow" }, h("span", null, t("User name")), h("input", { type: "text", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })),
      h("label", { class: "field grow" }, h("span", null, t("First password")), h("input", { type: "password", name: "password", required: true, autocomplete: "new-password" })),
      h("label", { class: "field" }, h("span", null, t("Role here")), roleSelect("reviewer", { name: "role" })),
      h("button", { class: "button" }, t("Make user")),
    ),
  );
}

/** @param {string} chosen @param {Record<string, unknown>} props */
function roleSelect(chosen, props) {
  return h("select", props, ROLES.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

/** @param {Member} member */
function memberRow({ id, username, role, created_at }) {
  const isSelf = username === boot.user.username;
  return h("tr", { "data-key": String(id), "data-testid": "member", "data-username": username, "data-role": role },
    h("td", null, h("strong", null, username), isSelf && h("span", { class: "muted" }, " ", t("(you)"))),
    h("td", null, roleSelect(role, { "data-change": "role", "data-id": id, "aria-label": t("Role of {name}", { name: username }) })),
    h("td", { class: "muted" }, ago(created_at)),
    h("td", { class: "right" }, h("button", { type: "button", class: "button small quiet danger", "data-click": "remove", "data-id": id }, t("Remove"))));
}

async function read() {
  try {
    const { results } = await getJson(`${project}/members/`, { query: { page_size: 200 } });
    page.set({ members: results, error: "" });
  } catch (error) {
    page.set({ error: messageOf(error) });
  }
}

/** @param {() => Promise<unknown>} act @param {string} done */
async function attempt(act, done) {
  let isDone = true;
  try {
    await act();
    toast(done);
  } catch (error) {
    isDone = false;
    toast(messageOf(error), "bad");
  }
  await read();
  return isDone;
}

/** @param {number} id */
async function removeMember(id) {
  const member = page.get().members?.find((one) => one.id === id);
  if (!member) return;
  const question = { title: t("Remove {name}?", { name: member.username }), text: t("What they uploaded and judged stays. They can be added again."), yes: t("Remove"), danger: true };
  if (await confirmed(question)) await attempt(() => remove(`members/${id}/`), t("{name} is no longer a member.", { name: member.username }));
}

delegate(root, "change", {
  role: (element) => {
    const { value, dataset } = /** @type {HTMLSelectElement} */ (element);
    attempt(() => patchJson(`members/${dataset.id}/`, { role: value }), t("The role is changed."));
  },
});

delegate(root, "click", { remove: (element) => removeMember(Number(element.dataset.id)) });

delegate(root, "submit", {
  add: async (element, event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (element);
    const { username, role } = Object.fromEntries(new FormData(form));
    if (await attempt(() => postJson(`${project}/members/`, { username, role }), t("{name} is a member now.", { name: String(username) }))) form.reset();
  },
  user: async (element, event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (element);
    const { username, password, role } = Object.fromEntries(new FormData(form));
    const make = async () => {
      await postJson("users/", { username, password });
      await postJson(`${project}/members/`, { username, role });
    };
    if (await attempt(make, t("{name} can log in and is a member now.", { name: String(username) }))) form.reset();
  },
});

page.draw();
await goLive(boot.project.id, () => undefined, () => read());
await read();
