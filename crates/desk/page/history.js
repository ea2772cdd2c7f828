// The address of what is shown, so that the browser's own buttons work: back, forward, refresh, a second tab. A request is
// named in the fragment, which is sent nowhere. What was answered is kept nowhere here: it is asked of the desk again, which
// shows it to this browser as long as it knows it.

/** The request that the address names, with its link and code where this tab made it; nothing where none is named. */
export function addressed() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id === '') return undefined;
  const made = history.state?.request;
  return made?.id === id ? made : { id };
}

/** Gives a request its address. */
export function address(request) {
  history.pushState({ request }, '', `/#${encodeURIComponent(request.id)}`);
}

/** Leaves for the page without a request. */
export function leave() {
  history.pushState(null, '', '/');
}
