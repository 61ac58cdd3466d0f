/**
 * The folder that the keys of files over HTTP are below, with a slash at its end.
 * @throws Error when it is no `http:` or `https:` URL, or has more than host and path
 */
export function readBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('must be a URL with http or https')
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('must be a URL of host and path only, without credentials')
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
