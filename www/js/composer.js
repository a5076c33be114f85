// Where one writes.  Enter sends, with Shift it makes a new line.
//
// Owns its form.  It does not send: onSend(text) does, and onTyping(bool) is
// told at every keystroke whether something is being written.

import { hook, setText } from "./dom.js"
import { text } from "./text.js"

// How many characters from the limit the writer is told of it.
const TELL_LEFT = 200

export class Composer {
  #form
  #field
  #send
  #limit
  #onSend
  #onTyping
  #max = Infinity

  constructor(form, { onSend, onTyping }) {
    this.#form = form
    this.#field = form.elements.message
    this.#send = form.querySelector("[type=submit]")
    this.#limit = hook(form, "limit")
    this.#onSend = onSend
    this.#onTyping = onTyping
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#field.addEventListener("keydown", (event) => this.#key(event))
    this.#field.addEventListener("input", () => {
      this.#changed()
      this.#onTyping(this.#field.value.trim() !== "")
    })
  }

  // Characters (code points) that a message may have.
  set max(characters) {
    this.#max = characters
    this.#changed()
  }

  get text() {
    return this.#field.value
  }

  set text(draft) {
    this.#field.value = draft
    this.#changed()
  }

  focus() {
    this.#field.focus()
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    this.#submit()
  }

  #submit() {
    if (this.#send.disabled) return
    const written = this.#field.value.trim()
    this.text = ""
    this.focus()
    this.#onSend(written)
  }

  #changed() {
    const written = this.#field.value.trim()
    const left = this.#max - [...written].length
    this.#send.disabled = written === "" || left < 0
    this.#form.toggleAttribute("data-over", left < 0)
    this.#tellLeft(left)
    // The style sheet makes the field as high as this copy.
    this.#field.parentElement.dataset.copy = this.#field.value
  }

  #tellLeft(left) {
    if (left > TELL_LEFT) setText(this.#limit, "")
    else if (left >= 0) setText(this.#limit, text("composer.left", { count: left }))
    else setText(this.#limit, text("composer.over", { count: -left }))
  }
}
