// @ts-check
/** Makes a project, for those who may. */

import { messageOf, postJson } from "nightjar/core/api.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("new-project"));
const problem = /** @type {HTMLElement} */ (form.querySelector(".form-error"));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = String(new FormData(form).get("name")).trim();
  try {
    const project = await postJson("projects/", { name });
    location.assign(`/projects/${project.slug}/`);
  } catch (error) {
    problem.textContent = messageOf(error);
    problem.hidden = false;
  }
});
