// A form that is sent by a function, and says what was wrong beside the field
// that it was wrong with.

import { hook, setText } from "./dom.js"
import { errorText, hasText, text } from "./text.js"

export class Form {
  #form
  #send
  #failure

  // send(values): throws ApiError.
  constructor(form, send) {
    this.#form = form
    this.#send = send
    this.#failure = hook(form, "failure")
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#submit()
    })
  }

  async #submit() {
    this.#clear()
    const empty = [...this.#form.elements].filter((field) => field.required && field.value.trim() === "")
    if (empty.length) {
      for (const { name } of empty) this.#showAt(name, text("error.required"))
      empty[0].focus()
      return
    }
    this.#busy(true)
    try {
      await this.#send(Object.fromEntries(new FormData(this.#form)))
    } catch (error) {
      this.#show(error)
      this.#busy(false)
    }
  }

  #show(error) {
    const placed = [...error.errors ?? [], { field: FIELD_OF[error.code], code: error.code }]
      .filter(({ field, code, detail }) => this.#showAt(field, says({ code, detail })))
    if (placed.length) {
      this.#form.elements[placed[0].field].focus()
      return
    }
    this.#failure.hidden = false
    setText(this.#failure, errorText(error))
  }

  // False if the form has no such field.
  #showAt(name, message) {
    const note = this.#form.querySelector(`[data-error="${CSS.escape(name ?? "")}"]`)
    if (!note) return false
    note.hidden = false
    setText(note, message)
    this.#form.elements[name].setAttribute("aria-invalid", "true")
    return true
  }

  #clear() {
    this.#failure.hidden = true
    for (const note of this.#form.querySelectorAll("[data-error]")) note.hidden = true
    for (const field of this.#form.elements) field.removeAttribute("aria-invalid")
  }

  #busy(is) {
    this.#form.querySelector("[type=submit]").disabled = is
  }
}

// Errors that are about one field, though they come without a list.
const FIELD_OF = { username_taken: "username" }

// The server's own words, where there are none of ours.
const says = ({ code, detail }) => (hasText(`error.${code}`) || !detail ? errorText({ code }) : detail)
