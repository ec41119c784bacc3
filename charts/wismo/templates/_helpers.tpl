{{/* Labels of every object. */}}
{{- define "wismo.labels" -}}
app.kubernetes.io/name: wismo
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: wismo
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What selects the operator's pods; it can never change. */}}
{{- define "wismo.selector" -}}
app.kubernetes.io/name: wismo
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: manager
{{- end }}

{{/* An image by digest, else by tag, else by the chart's appVersion. Takes (list image chart). */}}
{{- define "wismo.image" -}}
{{- $image := index . 0 -}}
{{- $chart := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default $chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The restricted profile of pods and of containers. */}}
{{- define "wismo.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "wismo.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/*
An object that is kept in config/, with the chart's labels, and with the release's namespace and ServiceAccount in place
of wismo-system and wismo-manager. Takes a dict: root, text (of one YAML document); namespace = where it goes instead.
*/}}
{{- define "wismo.object" -}}
{{- $root := .root -}}
{{- $object := fromYaml .text -}}
{{- $metadata := $object.metadata -}}
{{- $_ := set $metadata "labels" (merge (include "wismo.labels" $root | fromYaml) ($metadata.labels | default dict)) -}}
{{- if .namespace }}
{{- $_ := set $metadata "namespace" .namespace -}}
{{- $_ := set $object "kind" (trimPrefix "Cluster" $object.kind) -}}
{{- with $object.roleRef }}{{ $_ := set . "kind" (trimPrefix "Cluster" .kind) }}{{ end -}}
{{- else if eq ($metadata.namespace | default "") "wismo-system" }}
{{- $_ := set $metadata "namespace" $root.Release.Namespace -}}
{{- end }}
{{- range $object.subjects }}
{{- $_ := set . "namespace" $root.Release.Namespace -}}
{{- $_ := set . "name" $root.Values.serviceAccount.name -}}
{{- end }}
{{- toYaml $object }}
{{- end }}

{{/* Every document of the files below config/ that match. Takes a dict: root, glob; namespace = where they go instead. */}}
{{- define "wismo.objects" -}}
{{- $root := .root -}}
{{- $namespace := .namespace -}}
{{- range $path, $_ := .root.Files.Glob .glob }}
{{- range regexSplit "(?m)^---$" ($root.Files.Get $path) -1 }}
---
{{ include "wismo.object" (dict "root" $root "text" . "namespace" $namespace) }}
{{- end }}
{{- end }}
{{- end }}
