/** A service gave no answer that could be used; `url` never holds a key. */
export type HttpError =
  /** Only https, and http to this machine itself, may be asked; no user names in addresses. */
  | { readonly code: 'url_refused'; readonly url: string }
  /** No connection: name, network or TLS. */
  | { readonly code: 'service_unreachable'; readonly url: string }
  /** Head and body together took too long. */
  | { readonly code: 'service_timeout'; readonly url: string; readonly timeoutMs: number }
  /** The answer points to another host, or on and on. */
  | { readonly code: 'redirect_refused'; readonly url: string }
  | { readonly code: 'access_denied'; readonly url: string; readonly status: 401 | 403 }
  /** The service knows no such platform, chip or name. */
  | { readonly code: 'not_found'; readonly url: string }
  /** Still too many requests after all attempts, or the pause asked for is too long to wait. */
  | {
      readonly code: 'rate_limited'
      readonly url: string
      /** What the service asked for; undefined where it named nothing. */
      readonly retryAfterMs: number | undefined
    }
  /** The service failed in all attempts. */
  | { readonly code: 'service_failed'; readonly url: string; readonly status: number }
  | { readonly code: 'status_unexpected'; readonly url: string; readonly status: number }
  | { readonly code: 'content_type_wrong'; readonly url: string; readonly contentType: string }
  | { readonly code: 'body_too_large'; readonly url: string; readonly maxBytes: number }
  /** The connection ended before the body did. */
  | { readonly code: 'body_truncated'; readonly url: string }
