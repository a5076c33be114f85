// Who is typing, in words.  Owns its element.
//
// A person stops typing when they say so, when their message comes, or when
// nothing was heard of it for a while.

import { setText } from "./dom.js"
import { text } from "./text.js"

const LAPSES_MS = 8_000

export class TypingLine {
  #element
  #typing = new Map()

  constructor(element) {
    this.#element = element
  }

  heard({ user_id, name, typing }) {
    this.stopped(user_id)
    if (!typing) return
    const timer = setTimeout(() => this.stopped(user_id), LAPSES_MS)
    this.#typing.set(user_id, { name, timer })
    this.#show()
  }

  stopped(user_id) {
    clearTimeout(this.#typing.get(user_id)?.timer)
    this.#typing.delete(user_id)
    this.#show()
  }

  clear() {
    for (const user_id of [...this.#typing.keys()]) this.stopped(user_id)
  }

  #show() {
    const [name, other] = [...this.#typing.values()].map((one) => one.name)
    const key = { 0: null, 1: "typing.one", 2: "typing.two" }[this.#typing.size]
    if (key === null) setText(this.#element, "")
    else setText(this.#element, text(key ?? "typing.many", { name, other }))
  }
}
