// @ts-check
/** The members page: who belongs to the project, and what they may do. */

import { getJson, messageOf, patchJson, postJson, remove } from "nightjar/core/api.js";
import { delegate, h, icon, show } from "nightjar/core/dom.js";
import { ago } from "nightjar/core/format.js";
import { confirmed, toast } from "nightjar/core/notices.js";
import { goLive } from "nightjar/core/live.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";

/** @typedef {{id: number, username: string, role: string, created_at: string}} Member */
/** @typedef {{members: Member[] | null, error: string}} State */

const ROLES = [
  ["viewer", "Viewer", "sees clips and labels"],
  ["reviewer", "Reviewer", "also uploads, judges and starts analyses"],
  ["admin", "Admin", "also labels, members, training and deleting"],
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
    h("header", { class: "page-head" }, h("h1", null, "Members"),
      h("ul", { class: "roles" }, ROLES.map(([, name, text]) => h("li", null, h("strong", null, name), ` ${text}`)))),
    error && h("p", { class: "notice bad", role: "alert" }, icon("alert"), h("span", null, error)),
    members === null && !error && h("p", { class: "booting" }, "Loading…"),
    members && h("section", { class: "panel" }, h("table", null,
      h("thead", null, h("tr", null, ["User", "Role", "Member since", ""].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", null, members.map(memberRow)))),
    h(
      "form",
      { class: "panel inline-form", "data-submit": "add", "data-testid": "add-member" },
      h("label", { class: "field grow" }, h("span", null, "User name"), h("input", { type: "text", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })),
      h("label", { class: "field" }, h("span", null, "Role"), roleSelect("viewer", { name: "role" })),
      h("button", { class: "button primary" }, "Add member"),
    ),
    boot.user.superuser && h(
      "form",
      { class: "panel inline-form", "data-submit": "user", "data-testid": "add-user" },
      h("h2", { class: "form-title" }, "New user of this server"),
      h("label", { class: "field grow" }, h("span", null, "User name"), h("input", { type: "text", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })),
      h("label", { class: "field grow" }, h("span", null, "First password"), h("input", { type: "password", name: "password", required: true, autocomplete: "new-password" })),
      h("label", { class: "field" }, h("span", null, "Role here"), roleSelect("reviewer", { name: "role" })),
      h("button", { class: "button" }, "Make user"),
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
    h("td", null, h("strong", null, username), isSelf && h("span", { class: "muted" }, " (you)")),
    h("td", null, roleSelect(role, { "data-change": "role", "data-id": id, "aria-label": `Role of ${username}` })),
    h("td", { class: "muted" }, ago(created_at)),
    h("td", { class: "right" }, h("button", { type: "button", class: "button small quiet danger", "data-click": "remove", "data-id": id }, "Remove")));
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
  const question = { title: `Remove ${member.username}?`, text: "What they uploaded and judged stays. They can be added again.", yes: "Remove", danger: true };
  if (await confirmed(question)) await attempt(() => remove(`members/${id}/`), `${member.username} is no longer a member.`);
}

delegate(root, "change", {
  role: (element) => {
    const { value, dataset } = /** @type {HTMLSelectElement} */ (element);
    attempt(() => patchJson(`members/${dataset.id}/`, { role: value }), "The role is changed.");
  },
});

delegate(root, "click", { remove: (element) => removeMember(Number(element.dataset.id)) });

delegate(root, "submit", {
  add: async (element, event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (element);
    const { username, role } = Object.fromEntries(new FormData(form));
    if (await attempt(() => postJson(`${project}/members/`, { username, role }), `${username} is a member now.`)) form.reset();
  },
  user: async (element, event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (element);
    const { username, password, role } = Object.fromEntries(new FormData(form));
    const make = async () => {
      await postJson("users/", { username, password });
      await postJson(`${project}/members/`, { username, role });
    };
    if (await attempt(make, `${username} can log in and is a member now.`)) form.reset();
  },
});

page.draw();
await goLive(boot.project.id, () => undefined, () => read());
await read();
