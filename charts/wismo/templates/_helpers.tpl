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

{{/*
An object that is kept in config/, with the chart's labels, and with the release's namespace in place of wismo-system.
Takes a dict: root, text (of one YAML document).
*/}}
{{- define "wismo.object" -}}
{{- $root := .root -}}
{{- $object := fromYaml .text -}}
{{- $metadata := $object.metadata -}}
{{- $_ := set $metadata "labels" (merge (include "wismo.labels" $root | fromYaml) ($metadata.labels | default dict)) -}}
{{- if $metadata.namespace }}
{{- $_ := set $metadata "namespace" $root.Release.Namespace -}}
{{- end }}
{{- range $object.subjects }}
{{- $_ := set . "namespace" $root.Release.Namespace -}}
{{- end }}
{{- toYaml $object }}
{{- end }}
