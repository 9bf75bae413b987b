/** Every endpoint of the service: the app mounts them, OpenAPI describes them, tests enumerate them. */
import { planEndpoints } from './action-plans/routes.ts'
import { actionEndpoints } from './actions/routes.ts'
import { noteEndpoints } from './actions/note-routes.ts'
import { exportEndpoints } from './exports/routes.ts'
import { companyEndpoints } from './people/company-routes.ts'
import { hierarchyEndpoints } from './people/hierarchy-routes.ts'
import { userEndpoints } from './people/user-routes.ts'
import type { Endpoint } from './platform/endpoint.ts'
import { serviceEndpoints } from './service/routes.ts'
import { sessionEndpoints } from './sessions/routes.ts'

const product: readonly Endpoint[] = [
  ...sessionEndpoints,
  ...planEndpoints,
  ...actionEndpoints,
  ...noteEndpoints,
  ...exportEndpoints,
  ...companyEndpoints,
  ...userEndpoints,
  ...hierarchyEndpoints,
]

export const endpoints: readonly Endpoint[] = [...product, ...serviceEndpoints(product)]
