// The state of the inbox as the page has it: taken from the start, moved on
// by events, completed by what has to be fetched.
//
// Tells "change" with the new state.  The computing is in tidings/inbox.js.

import { inbox } from "./tidings.js"
import { Emitter } from "./tidings/emitter.js"

export class InboxStore extends Emitter {
  #tidings
  #state = null
  #loads = new Map()
  #paging = false

  constructor(tidings) {
    super()
    this.#tidings = tidings
    tidings.on("start", (start) => {
      this.limits = start.limits
      this.#become(inbox.fromStart(start))
    })
    tidings.on("event", (event) => this.#apply(event))
    tidings.on("marks", (marks) => this.#become(inbox.marked(this.#state, marks)))
  }

  get state() {
    return this.#state
  }

  get me() {
    return this.#state.me
  }

  conversation(id) {
    const conversation = this.#state.conversations.get(id)
    return conversation?.partial ? undefined : conversation
  }

  // The direct conversation with somebody that is about nothing in particular.
  directWith(user_id) {
    return inbox.listed(this.#state).find(({ kind, topic, members }) =>
      kind === "direct" && !topic && members.some((member) => member.user_id === user_id) &&
      (user_id !== this.me.id || members.length === 1))
  }

  sent(message) {
    this.#become(inbox.sent(this.#state, message))
  }

  witnessed(conversation_id, messages) {
    this.#become(inbox.witnessed(this.#state, conversation_id, messages))
  }

  // Fetch a conversation, once however many ask, and again if one asks while
  // it is being fetched.  Resolves to it, or undefined if it isn't there.
  load(id) {
    const running = this.#loads.get(id)
    if (running) {
      running.again = true
      return running.done
    }
    const load = { again: false }
    load.done = this.#load(id, load).finally(() => this.#loads.delete(id))
    this.#loads.set(id, load)
    return load.done
  }

  // The next page of older conversations, if there is one.
  async loadMore() {
    if (this.#paging || !this.#state?.next) return
    this.#paging = true
    try {
      const page = await this.#tidings.api.page(this.#state.next)
      this.#become(inbox.mergePage(this.#state, page))
    } catch (error) {
      if (!error.passing) throw error
    } finally {
      this.#paging = false
    }
  }

  async #load(id, load) {
    do {
      load.again = false
      try {
        this.#become(inbox.mergeConversation(this.#state, await this.#tidings.api.conversation(id)))
      } catch (error) {
        if (error.status !== 404) throw error
        this.#become(inbox.dropConversation(this.#state, id))
      }
    } while (load.again)
    return this.conversation(id)
  }

  #apply(event) {
    const next = inbox.apply(this.#state, event)
    if (next !== this.#state) this.#become(next)
    const missing = inbox.needsLoading(next, event)
    // What can't be fetched now comes with its next event, or a new start.
    if (missing !== null) this.load(missing).catch(() => {})
  }

  #become(state) {
    this.#state = state
    this.emit("change", state)
  }
}
