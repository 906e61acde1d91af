import type { EventRequest } from './auth-event.js';
import type { Engine } from './engine.js';
import type { RequestFacts } from './request-facts.js';
import { eventText } from './event-text.js';

/** The engine for one request. The events that it emits carry the request. */
export function requestEngine(engine: Engine, facts: RequestFacts): Engine {
  return { ...engine, emit: (event) => engine.emit({ ...event, ...requestOf(facts) }) };
}

function requestOf({ address, userAgent, requestId }: RequestFacts): { request?: EventRequest } {
  const request: EventRequest = {
    ...(address === undefined ? {} : { address: eventText(address) }),
    ...(userAgent === undefined ? {} : { userAgent: eventText(userAgent, /[^ -~]/g) }),
    ...(requestId === undefined ? {} : { requestId: eventText(requestId) }),
  };
  return Object.keys(request).length === 0 ? {} : { request };
}
