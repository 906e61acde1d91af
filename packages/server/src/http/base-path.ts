const basePathForm = /^(?:\/[\w.~-]+)*$/;

/**
 * The path of a request's target below the path that the routes are mounted at.
 *
 * @param basePath default `/auth`.
 * @param name of the option that it comes from.
 * @returns a function of a target, with or without a query. It gives the path below, in the spelling that was sent,
 * or an empty text for a target elsewhere. So `/AUTH/register` does not get past a proxy's rule for
 * `/auth/register`.
 * @throws `TypeError` for a `basePath` that is no path such as `/api/auth`.
 */
export function checkedBasePath(basePath = '/auth', name = 'basePath'): (target: string) => string {
  if (typeof basePath !== 'string' || !basePathForm.test(basePath)) {
    throw new TypeError(`${name} must be a path such as "/api/auth", without a slash at the end`);
  }
  return (target) => {
    const [path = ''] = target.split('?', 1);
    return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : '';
  };
}
