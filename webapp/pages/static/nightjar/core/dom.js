// @ts-check
/** Builds elements, and changes what is on the page into what should be there. */

/** @typedef {Node | string | number | boolean | null | undefined} Leaf */
/** @typedef {Leaf | readonly unknown[]} Child lists hold leaves or lists again */
/** @typedef {Record<string, unknown> & {style?: Record<string, string>}} Props */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * @param {string} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, props, ...children) {
  return fill(/** @type {SVGElement} */ (document.createElementNS(SVG, tag)), props, children);
}

/** @param {string} name @returns {SVGElement} */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));
}

/**
 * @template {HTMLElement | SVGElement} E
 * @param {E} element
 * @param {Props | null | undefined} props
 * @param {Child[]} children
 * @returns {E}
 */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === "style") {
      // Through the object model: the content policy forbids style attributes.
      for (const [key, text] of Object.entries(/** @type {Record<string, string>} */ (value))) {
        element.style.setProperty(key, text);
      }
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/** @param {Element} element @param {Child[]} children */
function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, /** @type {Child[]} */ (child));
    else if (child instanceof Node) element.appendChild(child);
    else if (child !== null && child !== undefined && typeof child !== "boolean") {
      element.appendChild(document.createTextNode(String(child)));
    }
  }
}

/**
 * Makes `root` hold what `children` describe; elements that stay keep focus, scroll and listeners.
 * @param {Element} root
 * @param {...Child} children
 */
export function show(root, ...children) {
  const wanted = document.createElement("div");
  append(wanted, children);
  morphChildren(root, wanted);
}

/** @param {Node} node */
const keyOf = (node) => node instanceof Element ? node.getAttribute("data-key") : null;

/** @param {Node} have @param {Node} want */
function isSame(have, want) {
  return have.nodeName === want.nodeName && keyOf(have) === keyOf(want);
}

/** @param {Node} have @param {Node} want */
function morph(have, want) {
  if (!(have instanceof Element) || !(want instanceof Element)) {
    if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
    return;
  }
  morphAttributes(have, want);
  // An element that owns its inside, such as the player, draws itself.
  if (!want.hasAttribute("data-own")) morphChildren(have, want);
  if (have instanceof HTMLSelectElement && want instanceof HTMLSelectElement) {
    if (have.value !== want.value) have.value = want.value;
  }
}

/** @param {Element} have @param {Element} want */
function morphAttributes(have, want) {
  // What an owner writes on itself (data-frame and such) is not ours to take away.
  const owned = want.hasAttribute("data-own");
  for (const { name } of [...have.attributes]) {
    if (!owned && name !== "style" && name !== "open" && !want.hasAttribute(name)) {
      have.removeAttribute(name);
    }
  }
  for (const { name, value } of want.attributes) {
    if (name === "style" || have.getAttribute(name) === value) continue;
    have.setAttribute(name, value);
    if (name === "value" && have instanceof HTMLInputElement && have !== document.activeElement) {
      have.value = value;
    }
  }
  if (have instanceof HTMLInputElement && /** @type {HTMLInputElement} */ (want).type === "checkbox") {
    have.checked = want.hasAttribute("checked");
  }
  const a = /** @type {HTMLElement} */ (have).style;
  const b = /** @type {HTMLElement} */ (want).style;
  if (!owned && a && b && a.cssText !== b.cssText) a.cssText = b.cssText;
}

/** @param {Element} have @param {Element} want */
function morphChildren(have, want) {
  /** @type {Map<string, Node>} */
  const keyed = new Map();
  for (const node of have.childNodes) {
    const key = keyOf(node);
    if (key !== null) keyed.set(key, node);
  }
  let cursor = have.firstChild;
  for (const target of [...want.childNodes]) {
    const key = keyOf(target);
    const kept = key === null ? cursor : keyed.get(key) ?? null;
    if (kept && isSame(kept, target)) {
      if (kept === cursor) cursor = cursor.nextSibling;
      else have.insertBefore(kept, cursor);
      morph(kept, target);
    } else {
      have.insertBefore(target, cursor);
    }
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/**
 * One listener a kind of event for a whole page: elements name what they do in `data-<event>`.
 * @param {HTMLElement} root
 * @param {string} event
 * @param {Record<string, (element: HTMLElement, event: Event) => void>} actions
 */
export function delegate(root, event, actions) {
  root.addEventListener(event, (occurred) => {
    if (!(occurred.target instanceof Element)) return;
    const element = occurred.target.closest(`[data-${event}]`);
    if (!(element instanceof HTMLElement) || element.matches(":disabled")) return;
    actions[element.dataset[event] ?? ""]?.(element, occurred);
  });
}

/**
 * Runs `draw` once before the next paint, however often it was asked.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function beforePaint(draw) {
  let waiting = false;
  const run = () => {
    waiting = false;
    draw();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    // Hidden pages get no animation frames, but their state must not go stale.
    if (document.hidden) setTimeout(run);
    else requestAnimationFrame(run);
  };
}
