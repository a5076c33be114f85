// The list of conversations, newest activity first.
//
// Owns its element.  An entry keeps its element for as long as it is listed,
// so focus and scroll position survive every change.

import { conversationFace, conversationName, preview } from "./conversation.js"
import { fromTemplate, hook, setText, showAvatar } from "./dom.js"
import { listTime, wholeTime } from "./format.js"
import { text } from "./text.js"
import { inbox } from "./tidings.js"

const NEAR_END_PX = 300

export class ConversationList {
  #list
  #empty
  #items = new Map()

  // onEnd(): its end comes into sight, and there may be more.
  constructor(element, { onEnd }) {
    this.#list = hook(element, "list")
    this.#empty = hook(element, "empty")
    element.addEventListener("scroll", () => {
      if (element.scrollTop + element.clientHeight > element.scrollHeight - NEAR_END_PX) onEnd()
    }, { passive: true })
  }

  // state: of the inbox.  current: the id of the conversation that is open.
  show(state, current) {
    const conversations = inbox.listed(state)
    const left = new Map(this.#items)
    let place = this.#list.firstElementChild

    for (const conversation of conversations) {
      const item = this.#item(conversation.conversation_id)
      left.delete(conversation.conversation_id)
      this.#fill(item, conversation, state, current)
      if (item === place) place = place.nextElementSibling
      else this.#list.insertBefore(item, place)
    }
    for (const [id, item] of left) {
      item.remove()
      this.#items.delete(id)
    }
    this.#empty.hidden = conversations.length > 0
  }

  #item(id) {
    if (!this.#items.has(id)) {
      const item = fromTemplate("conversation")
      const link = hook(item, "conversation")
      link.href = `/c/${id}`
      link.dataset.conversation = id
      this.#items.set(id, item)
    }
    return this.#items.get(id)
  }

  #fill(item, conversation, state, current) {
    const { conversation_id, unread_count, last_message_at } = conversation
    const link = hook(item, "conversation")
    if (conversation_id === current) link.setAttribute("aria-current", "page")
    else link.removeAttribute("aria-current")
    link.toggleAttribute("data-unread", unread_count > 0)

    showAvatar(hook(item, "avatar"), conversationFace(conversation, state))
    setText(hook(item, "name"), conversationName(conversation, state.me.id))
    setText(hook(item, "preview"), preview(conversation, state.me.id))
    this.#fillTime(hook(item, "time"), last_message_at)
    this.#fillBadge(hook(item, "badge"), unread_count)
  }

  #fillTime(element, time) {
    setText(element, time ? listTime(time) : "")
    if (!time) return
    element.dateTime = time
    element.title = wholeTime(time)
  }

  #fillBadge(element, count) {
    element.hidden = count === 0
    setText(hook(element, "count"), count > 99 ? "99+" : String(count))
    setText(hook(element, "count-text"), text("conversations.unread", { count }))
  }
}
