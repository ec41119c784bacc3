-- The health of a Shop, a CarrierIntegration or a NotificationPolicy (tracking.wismo.dev). They follow kstatus: a status
-- counts only when status.observedGeneration equals metadata.generation, and Reconciling and Stalled are there only
-- while they are True. docs/gitops.md says what each verdict means.
local health = {status = "Progressing", message = "The operator has not looked at this version yet"}

if obj.metadata.deletionTimestamp ~= nil then
  health.message = "Being deleted"
  return health
end
if obj.status == nil or obj.status.conditions == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local function is(kind, status)
  return conditions[kind] ~= nil and conditions[kind].status == status
end
local function words(kind)
  return conditions[kind].reason .. ": " .. conditions[kind].message
end

if is("Reconciling", "True") then
  health.message = words("Reconciling")
elseif is("Stalled", "True") then
  health.status = "Degraded"
  health.message = words("Stalled")
elseif is("Ready", "True") then
  health.status = "Healthy"
  health.message = words("Ready")
  local annotations = obj.metadata ~= nil and obj.metadata.annotations or {}
  if obj.spec ~= nil and obj.spec.activity == "Suspended" then
    health.status = "Suspended"
    health.message = "Suspended by spec.activity: the page is up, and nothing is sent"
  elseif annotations["tracking.wismo.dev/activity"] == "Suspended" then
    health.status = "Suspended"
    health.message = "Suspended by kubectl wismo suspend: the page is up, and nothing is sent"
  end
  -- What follows is for people: it never changes the verdict, because no commit mends it.
  for _, kind in ipairs({"Released", "Operational"}) do
    if is(kind, "False") then
      health.message = health.message .. "; not " .. kind .. ": " .. words(kind)
    end
  end
elseif conditions["Ready"] ~= nil then
  health.message = words("Ready")
end
return health
