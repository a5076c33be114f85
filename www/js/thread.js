// The conversation that is open: connects its views to the client library,
// the inbox and what is on its way.

import { Composer } from "./composer.js"
import { conversationName, memberName, progress } from "./conversation.js"
import { hook, setText } from "./dom.js"
import { History } from "./history.js"
import { MessageList } from "./message_list.js"
import { NewestButton } from "./newest_button.js"
import { keyOf } from "./outgoing.js"
import { text } from "./text.js"
import { ThreadHead } from "./thread_head.js"
import { TypingLine } from "./typing_line.js"

export class Thread {
  #tidings
  #store
  #outgoing
  #element
  #head
  #list
  #history
  #composer
  #typing
  #newest
  #route = {}
  #person = null
  #doubted = false
  #drafts = new Map()

  // onFound(conversation_id): a conversation with the person it shows exists.
  constructor(element, { tidings, store, outgoing, onFound }) {
    this.#tidings = tidings
    this.#store = store
    this.#outgoing = outgoing
    this.#element = element
    this.onFound = onFound
    this.#head = new ThreadHead(hook(element, "head"))
    this.#typing = new TypingLine(hook(element, "typing"))
    this.#list = new MessageList(hook(element, "scroller"), {
      onScroll: () => this.#scrolled(),
      onRetry: (client_id) => {
        outgoing.retry(client_id)
        this.#composer.focus()
      },
    })
    this.#history = new History({ element, tidings, list: this.#list, onLoaded: (page) => this.#loaded(page) })
    this.#composer = new Composer(hook(element, "composer"), {
      onSend: (message) => this.#send(message),
      onTyping: (typing) => this.#tellTyping(typing),
    })
    this.#newest = new NewestButton(hook(element, "newest"), { onClick: () => this.#list.toEnd() })
    this.#connect()
  }

  get conversation_id() {
    return this.#route.conversation_id
  }

  async open(route) {
    this.#tellTyping(false)
    this.#drafts.set(keyOf(this.#route), this.#composer.text)
    this.#route = route
    this.#person = null
    this.#typing.clear()
    this.#history.close()
    this.#composer.text = this.#drafts.get(keyOf(route)) ?? ""
    this.#composer.max = this.#store.limits.message_characters
    if (route.conversation_id) await this.#openConversation(route.conversation_id)
    else if (route.to) await this.#openPerson(route.to)
    else this.#show(false)
  }

  #connect() {
    this.#store.on("change", () => this.#refresh())
    this.#outgoing.on("change", (key) => key === keyOf(this.#route) && this.#list.setOutgoing(this.#outgoing.of(key)))
    this.#outgoing.on("sent", (sent) => this.#sent(sent))
    this.#tidings.on("event", (event) => this.#receive(event))
    this.#tidings.on("start", () => this.#restart())
    addEventListener("focus", () => this.#markRead())
    document.addEventListener("visibilitychange", () => this.#markRead())
  }

  async #openConversation(id) {
    const known = this.#store.conversation(id) ?? await this.#store.load(id).catch(() => undefined)
    if (this.#route.conversation_id !== id) return
    if (!known) {
      this.#show(false, text("thread.gone"))
      return
    }
    this.#show(true)
    this.#refresh()
    this.#restart()
    this.#focus()
  }

  async #openPerson(id) {
    const conversation = this.#store.directWith(id)
    if (conversation) {
      this.onFound(conversation.conversation_id)
      return
    }
    const person = await this.#tidings.api.user(id).catch(() => null)
    if (this.#route.to !== id) return
    this.#person = person
    this.#show(person !== null, text("thread.gone"))
    if (!person) return
    this.#refresh()
    this.#restart()
    this.#focus()
  }

  get #shown() {
    return !hook(this.#element, "open").hidden
  }

  // Either the conversation, or why there is none.
  #show(open, reason = text("thread.none")) {
    hook(this.#element, "open").hidden = !open
    const nothing = hook(this.#element, "nothing")
    nothing.hidden = open
    setText(hook(nothing, "reason"), reason)
  }

  #restart() {
    const conversation = this.#conversation()
    if (!conversation && !this.#person) return
    const name = conversation ? conversationName(conversation, this.#store.me.id) : this.#person.name
    setText(hook(this.#element, "beginning"), text("thread.beginning", { name }))
    this.#history.open({
      conversation_id: conversation?.conversation_id,
      view: {
        me_id: this.#store.me.id,
        group: conversation?.kind === "group",
        progress: (no) => progress(this.#conversation() ?? conversation, no),
      },
    })
    this.#list.setOutgoing(this.#outgoing.of(keyOf(this.#route)))
  }

  #conversation() {
    return this.#route.conversation_id && this.#store.conversation(this.#route.conversation_id)
  }

  #refresh() {
    const conversation = this.#conversation()
    if (conversation) this.#head.showConversation(conversation, this.#store.state)
    else if (this.#person) this.#head.showPerson(this.#person, this.#store.state)
    else if (this.#route.conversation_id && this.#shown && !this.#doubted) this.#doubt(this.#route.conversation_id)
    this.#list.refreshProgress()
  }

  // It is not in the list.  It may be gone, or further down than was loaded.
  async #doubt(id) {
    this.#doubted = true
    const found = await this.#store.load(id).catch(() => null)
    this.#doubted = false
    if (found === undefined && this.#route.conversation_id === id) this.#show(false, text("thread.gone"))
  }

  #receive(event) {
    if (!event.conversation_id || event.conversation_id !== this.#route.conversation_id) return
    switch (event.type) {
    case "chat_message":
      this.#typing.stopped(event.sender_id)
      this.#showMessage(event)
      break
    case "message_edited":
    case "message_deleted":
    case "message_pinned":
      this.#list.change(event)
      break
    case "typing":
      if (event.user_id !== this.#store.me.id) this.#typing.heard({ ...event, name: memberName(this.#conversation(), event) })
      break
    }
  }

  #showMessage(message) {
    const mine = message.sender_id === this.#store.me.id
    if (!mine && !this.#list.isAtEnd) this.#newest.missed()
    this.#list.add([message])
    if (mine && message.client_id) this.#outgoing.settle(message.client_id)
    this.#markRead()
    this.#newest.show(this.#list.isAtEnd)
  }

  #send(message) {
    this.#outgoing.send(this.#route, message)
    this.#list.toEnd()
  }

  // The event may have come before the answer, and knows more.
  #sent({ key, sent }) {
    const message = { sender_id: this.#store.me.id, ...sent }
    this.#store.sent(message)
    if (key === this.#route.conversation_id && !this.#list.has(message.no)) this.#list.add([message])
    if (key === keyOf(this.#route) && this.#route.to) this.onFound(sent.conversation_id)
  }

  #tellTyping(typing) {
    if (this.#route.conversation_id) this.#tidings.typing(this.#route.conversation_id, typing)
  }

  #loaded(messages) {
    this.#store.witnessed(this.#route.conversation_id, messages)
    this.#markRead()
    this.#newest.show(this.#list.isAtEnd)
  }

  #scrolled() {
    this.#history.loadOlder()
    this.#markRead()
    this.#newest.show(this.#list.isAtEnd)
  }

  // Read is what somebody who looks at the page has in front of them.
  #markRead() {
    const conversation = this.#conversation()
    const looking = document.visibilityState === "visible" && document.hasFocus()
    if (!conversation || !looking || !this.#list.isAtEnd) return
    if (this.#list.lastNo > (conversation.read_no ?? 0))
      this.#tidings.read(conversation.conversation_id, this.#list.lastNo)
  }

  // Where there is a keyboard on the screen, it comes when it is asked for.
  #focus() {
    if (matchMedia("(pointer: fine)").matches) this.#composer.focus()
    else hook(hook(this.#element, "head"), "name").focus()
  }
}
