// The history of a conversation: loads the newest messages into a list, and
// older ones as its reader comes near them.

import { hook } from "./dom.js"

const PAGE = 50
const RELOADED_MAX = 400

export class History {
  #tidings
  #list
  #trouble
  #beginning
  #onLoaded
  #opened = {}
  #loading = false
  #beginsAt = null

  // onLoaded(messages): they are in the list now.
  constructor({ element, tidings, list, onLoaded }) {
    this.#tidings = tidings
    this.#list = list
    this.#onLoaded = onLoaded
    this.#trouble = hook(element, "trouble")
    this.#beginning = hook(element, "beginning")
    hook(element, "again").addEventListener("click", () => this.#again())
    tidings.on("connection", ({ state }) => state === "live" && !this.#trouble.hidden && this.#again())
  }

  close() {
    this.#opened = {}
    this.#loading = false
    this.#beginsAt = null
    this.#trouble.hidden = true
    this.#beginning.hidden = true
    this.#list.reset({ me_id: 0, group: false, progress: () => "sent" })
  }

  // conversation_id: undefined where there is none yet.  If the same one is
  // open already, what is shown is read anew and stays where it is.
  async open({ conversation_id, view }) {
    const again = this.#opened.view && this.#opened.conversation_id === conversation_id
    this.#opened = { conversation_id, view }
    if (!again) this.#list.reset(view)
    if (conversation_id) await this.#loadNewest(again ? this.#list.firstNo : Infinity)
    else this.#showBeginning()
  }

  async loadOlder() {
    while (this.#list.isNearBeginning && this.#hasOlder && !this.#loading && this.#trouble.hidden) {
      const loaded = await this.#load(async () => {
        const before = this.#list.firstNo
        const { items, next } = await this.#page({ before })
        return { items, begins: next === null }
      })
      if (!loaded) return
    }
  }

  get #hasOlder() {
    return this.#list.firstNo > 1 && this.#list.firstNo !== this.#beginsAt
  }

  // Pages from the newest back to firstNo, as far as is reasonable.
  async #loadNewest(firstNo) {
    this.#loading = false
    const loaded = await this.#load(async () => {
      const items = []
      let page
      do {
        page = await this.#page({ before: items.at(-1)?.no })
        items.push(...page.items)
      } while (page.next && items.at(-1).no > firstNo && items.length < RELOADED_MAX)
      return { items, begins: page.next === null }
    })
    if (loaded) await this.loadOlder()
  }

  #page({ before }) {
    return this.#tidings.api.messages(this.#opened.conversation_id, { before, limit: PAGE })
  }

  // Runs load() and shows what it brought, unless something else has been
  // opened by then.  True if it did.
  async #load(load) {
    const opened = this.#opened
    this.#loading = true
    this.#list.busy = true
    this.#trouble.hidden = true
    try {
      const { items, begins } = await load()
      if (opened !== this.#opened) return false
      this.#take(items, begins)
      return true
    } catch {
      if (opened === this.#opened) this.#trouble.hidden = false
      return false
    } finally {
      if (opened === this.#opened) {
        this.#loading = false
        this.#list.busy = false
      }
    }
  }

  #take(items, begins) {
    const oldest = items.at(-1)?.no ?? 0
    // Between what is shown and what came there may be more than was read.
    if (this.#list.lastNo && oldest > this.#list.lastNo + 1) this.#list.reset(this.#opened.view)
    this.#list.keepPlace(() => {
      this.#list.add(items)
      if (begins) this.#beginsAt = this.#list.firstNo
      this.#showBeginning()
    })
    this.#onLoaded(items)
  }

  #showBeginning() {
    this.#beginning.hidden = this.#opened.conversation_id !== undefined && this.#hasOlder
  }

  #again() {
    this.#trouble.hidden = true
    if (this.#list.lastNo) this.loadOlder()
    else this.#loadNewest(Infinity)
  }
}
