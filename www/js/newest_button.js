// The way to the newest message, for who reads older ones; it tells how many
// have come meanwhile.  Owns its element.

import { hook, setText } from "./dom.js"
import { text } from "./text.js"

export class NewestButton {
  #element
  #unseen = 0

  constructor(element, { onClick }) {
    this.#element = element
    element.addEventListener("click", onClick)
  }

  // A message came in below.
  missed() {
    this.#unseen++
  }

  show(isAtEnd) {
    if (isAtEnd) this.#unseen = 0
    this.#element.hidden = isAtEnd
    const label = this.#unseen ? text("thread.new", { count: this.#unseen }) : text("thread.newest")
    setText(hook(this.#element, "label-text"), label)
  }
}
