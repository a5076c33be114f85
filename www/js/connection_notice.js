// Tells of the connection when it matters: when it has been away for longer
// than a moment.  Owns its element.

import { setText } from "./dom.js"
import { text } from "./text.js"

const MOMENT_MS = 2_000

export class ConnectionNotice {
  #element
  #timer = null
  #state = "live"

  constructor(element) {
    this.#element = element
  }

  show({ state }) {
    this.#state = state
    if (state === "live" || state === "ended") {
      clearTimeout(this.#timer)
      this.#timer = null
      this.#element.hidden = true
    } else if (this.#element.hidden) {
      this.#timer ??= setTimeout(() => this.#tell(), MOMENT_MS)
    } else {
      this.#tell()
    }
  }

  #tell() {
    this.#timer = null
    this.#element.hidden = false
    setText(this.#element, text(`connection.${this.#state}`))
  }
}
