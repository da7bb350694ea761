// @ts-check
/** Hints from the server over a WebSocket that comes back by itself after a break. */

/** @typedef {{kind: string, id: number} & Record<string, any>} ProjectEvent */
/** @typedef {"connecting" | "open" | "retrying" | "refused"} LiveState */

/**
 * @typedef {object} Hooks
 * @property {(event: ProjectEvent) => void} onEvent
 * @property {() => void} onReopen events may have been missed: read everything again
 * @property {(state: LiveState, code?: number) => void} onState
 */

/**
 * How long to wait before attempt `n`, counted from 0: doubling, at most 15 s, spread a little
 * so that a restarted server is not met by all pages at once.
 * @param {number} n
 * @param {number} random 0 to 1
 */
export function waitBefore(n, random) {
  return Math.min(15_000, 500 * 2 ** n) * (0.75 + random / 2);
}

export class ProjectEvents {
  #url;
  #hooks;
  #makeSocket;
  #attempts = 0;
  #timer = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  #hasSettled = false;
  #closed = false;

  /**
   * @param {string} url
   * @param {Hooks} hooks
   * @param {(url: string) => WebSocket} [makeSocket]
   */
  constructor(url, hooks, makeSocket = (address) => new WebSocket(address)) {
    this.#url = url;
    this.#hooks = hooks;
    this.#makeSocket = makeSocket;
  }

  /**
   * Resolves when open, or after `patience` ms; a page that reads its data then misses nothing,
   * because an opening that comes later makes it read again.
   * @param {number} [patience]
   * @returns {Promise<void>}
   */
  start(patience = 600) {
    return new Promise((resolve) => {
      const settle = () => {
        this.#hasSettled = true;
        resolve();
      };
      setTimeout(settle, patience);
      this.#connect(settle);
    });
  }

  /** Tries at once, for when the network or the page comes back. */
  wake() {
    if (this.#closed || this.#socket) return;
    clearTimeout(this.#timer);
    this.#attempts = 0;
    this.#connect();
  }

  /** Says something to the server; false where nobody listens now. @param {Record<string, unknown>} message */
  send(message) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  stop() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** @param {() => void} [onFirst] */
  #connect(onFirst) {
    const socket = this.#makeSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempts = 0;
      this.#hooks.onState("open");
      if (this.#hasSettled) this.#hooks.onReopen();
      onFirst?.();
    };
    socket.onmessage = (message) => {
      const event = JSON.parse(message.data);
      if (event && typeof event.kind === "string") this.#hooks.onEvent(event);
    };
    socket.onclose = ({ code }) => {
      this.#socket = null;
      if (this.#closed) return;
      if (code === 4401 || code === 4403) {
        this.#closed = true;
        this.#hooks.onState("refused", code);
      } else this.#retry();
    };
  }

  #retry() {
    this.#hooks.onState("retrying");
    const wait = waitBefore(this.#attempts++, Math.random());
    this.#timer = Number(setTimeout(() => this.#connect(), wait));
  }
}
