{{- define "ocx-tap.labels" -}}
app.kubernetes.io/name: ocx-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "ocx-tap.selector" -}}
app.kubernetes.io/name: ocx-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ocx-tap.operatorImage" -}}
{{ .Values.operator.image.repository }}:{{ .Values.operator.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "ocx-tap.auditorLabels" -}}
app.kubernetes.io/name: ocx-auditor
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "ocx-tap.auditorSelector" -}}
app.kubernetes.io/name: ocx-auditor
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ocx-tap.auditorImage" -}}
{{ .Values.audit.image.repository }}:{{ .Values.audit.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "ocx-tap.agentImage" -}}
{{ .Values.agent.image.repository }}:{{ .Values.agent.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "ocx-tap.gateImage" -}}
{{ .Values.audit.gate.image.repository }}:{{ .Values.audit.gate.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* What the operator is told of the gates, in one value. */ -}}
{{- define "ocx-tap.gateSettings" -}}
{{- $gate := .Values.audit.gate }}
{{- dict "image" (include "ocx-tap.gateImage" .) "imagePullPolicy" ($gate.image.pullPolicy | default "IfNotPresent")
  "imagePullSecrets" .Values.imagePullSecrets "resources" $gate.resources "nodeSelector" $gate.nodeSelector
  "tolerations" $gate.tolerations "priorityClassName" $gate.priorityClassName
  "httpPort" (int $gate.httpPort) | toJson }}
{{- end }}
