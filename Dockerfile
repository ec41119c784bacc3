# One build for all images: docker build --target manager|tracking-page|notifier .
# The final images hold one static binary and nothing else, and run as nobody.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ENV CGO_ENABLED=0
RUN go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/ ./cmd/... ./hack/mailbox ./test/e2e/prober

# The certificate authorities that mail relays and carriers are checked against.
FROM scratch AS base
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
USER 65532:65532

FROM base AS manager
COPY --from=build /out/manager /manager
ENTRYPOINT ["/manager"]

FROM base AS tracking-page
COPY --from=build /out/tracking-page /tracking-page
ENTRYPOINT ["/tracking-page"]

FROM base AS notifier
COPY --from=build /out/notifier /notifier
ENTRYPOINT ["/notifier"]

# What the demo and the end-to-end tests run beside it.
FROM base AS mailbox
COPY --from=build /out/mailbox /mailbox
ENTRYPOINT ["/mailbox"]

FROM base AS prober
COPY --from=build /out/prober /prober
ENTRYPOINT ["/prober"]
