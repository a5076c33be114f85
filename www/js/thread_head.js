// Whom one talks with, at the top of the conversation.  Owns its element.

import { conversationFace, otherMember } from "./conversation.js"
import { hook, setText, showAvatar } from "./dom.js"
import { text } from "./text.js"

export class ThreadHead {
  #element

  constructor(element) {
    this.#element = element
  }

  showConversation(conversation, state) {
    const face = conversationFace(conversation, state)
    const other = otherMember(conversation, state.me.id)
    const about = other ? presence(face.online, other) : text("thread.members", { count: conversation.member_count ?? 0 })
    const title = conversation.topic?.title // a topic need not have one
    this.#show(face, title ? `${title} · ${about}` : about)
  }

  // Somebody with whom there is no conversation yet.
  showPerson(person, state) {
    const online = state.online.has(person.id)
    this.#show({ id: person.id, name: person.name || person.username, online }, presence(online, person))
  }

  #show(face, about) {
    showAvatar(hook(this.#element, "avatar"), face)
    setText(hook(this.#element, "name"), face.name)
    setText(hook(this.#element, "about"), about)
  }
}

const presence = (online, { username }) => (online ? text("thread.online") : `@${username}`)
