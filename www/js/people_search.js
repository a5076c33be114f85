// Finding a person: a field, and those whose names begin with what is in it.
//
// Owns its element.  It does not fetch: find(query) does, and linkTo(person)
// tells where choosing somebody leads.

import { fromTemplate, hook, setText, showAvatar } from "./dom.js"
import { errorText, text } from "./text.js"

const PAUSE_MS = 200

export class PeopleSearch {
  #element
  #input
  #status
  #results
  #find
  #linkTo
  #timer
  #asked = 0

  constructor(element, { find, linkTo }) {
    this.#element = element
    this.#input = hook(element, "query")
    this.#status = hook(element, "status")
    this.#results = hook(element, "results")
    this.#find = find
    this.#linkTo = linkTo
    this.#input.addEventListener("input", () => this.#typed())
    element.addEventListener("keydown", (event) => this.#key(event))
  }

  clear() {
    this.#input.value = ""
    this.#typed()
  }

  #typed() {
    clearTimeout(this.#timer)
    this.#asked++
    const query = this.#input.value.trim()
    this.#element.toggleAttribute("data-searching", query !== "")
    if (query) this.#timer = setTimeout(() => this.#search(query), PAUSE_MS)
    else this.#show([], "")
  }

  // An answer that a later question has overtaken is not shown.
  async #search(query) {
    const asked = this.#asked
    try {
      const people = await this.#find(query)
      const count = people.length
      if (asked === this.#asked) this.#show(people, text(count ? "people.found" : "people.none", { count }))
    } catch (error) {
      if (asked === this.#asked) this.#show([], errorText(error))
    }
  }

  #show(people, status) {
    setText(this.#status, status)
    this.#results.hidden = people.length === 0
    this.#results.replaceChildren(...people.map((person) => this.#item(person)))
  }

  #item(person) {
    const item = fromTemplate("person")
    const link = hook(item, "person")
    link.href = this.#linkTo(person)
    link.dataset.person = person.id
    showAvatar(hook(item, "avatar"), { ...person, name: person.name || person.username })
    setText(hook(item, "name"), person.name || person.username)
    setText(hook(item, "username"), `@${person.username}`)
    return item
  }

  // Escape leaves; the arrows go through what was found.
  #key(event) {
    const places = [this.#input, ...this.#results.querySelectorAll("a")]
    const place = places.indexOf(document.activeElement)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === "Escape") {
      this.clear()
      this.#input.focus()
    } else if (step && places[place + step]) {
      event.preventDefault()
      places[place + step].focus()
    } else if (event.key === "Enter" && place === 0) {
      places[1]?.click()
    }
  }
}
