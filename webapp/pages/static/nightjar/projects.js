// @ts-check
/** The list of projects: makes a new one, for those who may. */

import { messageOf, postJson } from "nightjar/core/api.js";
import { installMenu } from "nightjar/core/menu.js";

installMenu();

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("new-project"));
const problem = form?.querySelector(".form-error");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = String(new FormData(form).get("name")).trim();
  try {
    const project = await postJson("projects/", { name });
    location.assign(`/projects/${project.slug}/`);
  } catch (error) {
    if (!(problem instanceof HTMLElement)) return;
    problem.textContent = messageOf(error);
    problem.hidden = false;
  }
});
