/** Every endpoint of the service: the app mounts them, OpenAPI describes them, tests enumerate them. */
import { planEndpoints } from './action-plans/routes.ts'
import { actionEndpoints } from './actions/routes.ts'
import { noteEndpoints } from './actions/note-routes.ts'
import { calendarEndpoints } from './calendar/routes.ts'
import { erasureEndpoints } from './erasure/routes.ts'
import { exportEndpoints } from './exports/routes.ts'
import { endExportsOfPlan } from './exports/store.ts'
import { historyEndpoints } from './history/routes.ts'
import { importEndpoints } from './imports/routes.ts'
import { companyEndpoints } from './people/company-routes.ts'
import { hierarchyEndpoints } from './people/hierarchy-routes.ts'
import { userEndpoints } from './people/user-routes.ts'
import { personalDataEndpoints } from './personal-data/routes.ts'
import type { Endpoint } from './platform/endpoint.ts'
import { portfolioEndpoints } from './portfolio/routes.ts'
import { reassignmentEndpoints } from './reassignments/routes.ts'
import { reminderEndpoints } from './reminders/routes.ts'
import { pageEndpoints } from './service/page-routes.ts'
import { serviceEndpoints } from './service/routes.ts'
import { accessKeyEndpoints } from './sessions/key-routes.ts'
import { sessionEndpoints } from './sessions/routes.ts'
import { deliveryEndpoints } from './webhooks/delivery-routes.ts'
import { webhookEndpoints } from './webhooks/routes.ts'

const product: readonly Endpoint[] = [
  ...sessionEndpoints,
  ...accessKeyEndpoints,
  ...planEndpoints(endExportsOfPlan),
  ...portfolioEndpoints,
  ...actionEndpoints,
  ...noteEndpoints,
  ...exportEndpoints,
  ...importEndpoints,
  ...historyEndpoints,
  ...webhookEndpoints,
  ...deliveryEndpoints,
  ...companyEndpoints,
  ...personalDataEndpoints,
  ...calendarEndpoints,
  ...reminderEndpoints,
  ...userEndpoints,
  ...reassignmentEndpoints,
  ...erasureEndpoints,
  ...hierarchyEndpoints,
  ...pageEndpoints,
]

export const endpoints: readonly Endpoint[] = [...product, ...serviceEndpoints(product)]
