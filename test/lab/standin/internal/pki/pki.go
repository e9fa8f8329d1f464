// Package pki makes the certificate authorities and certificates of a cluster.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const lifetime = 10 * 365 * 24 * time.Hour

// CA is a certificate authority with its key.
type CA struct {
	Cert *x509.Certificate
	Key  crypto.Signer
	PEM  []byte
}

// Subject says whom a certificate is for and how it may be used.
type Subject struct {
	CommonName   string
	Organization []string
	// Server adds the server usage; every certificate may be used by a client.
	Server bool
	DNS    []string
	IPs    []net.IP
}

// NewKey makes a private key.
func NewKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// NewCA writes NAME.crt and NAME.key into dir, unless they are there.
func NewCA(dir, name string) error {
	crt := filepath.Join(dir, name+".crt")
	if _, err := os.Stat(crt); err == nil {
		return nil
	}
	key, err := NewKey()
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: fmt.Sprintf("k3s-%s@%d", name, time.Now().Unix())},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	return writePair(crt, filepath.Join(dir, name+".key"), encodeCert(der), key)
}

// LoadCA reads NAME.crt and NAME.key.
func LoadCA(dir, name string) (*CA, error) {
	certPEM, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(filepath.Join(dir, name+".key"))
	if err != nil {
		return nil, err
	}
	certBlock, _ := pem.Decode(certPEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certBlock == nil || keyBlock == nil {
		return nil, fmt.Errorf("%s: not a PEM file", name)
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	return &CA{Cert: cert, Key: key, PEM: certPEM}, nil
}

// Sign makes a certificate for a public key.
func (ca *CA) Sign(public crypto.PublicKey, subject Subject) ([]byte, error) {
	usage := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if subject.Server {
		usage = append(usage, x509.ExtKeyUsageServerAuth)
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: subject.CommonName, Organization: subject.Organization},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: usage,
		BasicConstraintsValid: true, DNSNames: subject.DNS, IPAddresses: subject.IPs,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Cert, public, ca.Key)
	if err != nil {
		return nil, err
	}
	return encodeCert(der), nil
}

// Issue writes BASE.crt and BASE.key, a new pair each time: names and addresses may have changed since.
func (ca *CA) Issue(base string, subject Subject) error {
	key, err := NewKey()
	if err != nil {
		return err
	}
	certPEM, err := ca.Sign(key.Public(), subject)
	if err != nil {
		return err
	}
	return writePair(base+".crt", base+".key", certPEM, key)
}

// EncodeKey is the key as PEM.
func EncodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), nil
}

func encodeCert(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func writePair(crt, keyFile string, certPEM []byte, key *ecdsa.PrivateKey) error {
	if err := os.MkdirAll(filepath.Dir(crt), 0o700); err != nil {
		return err
	}
	keyPEM, err := EncodeKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, keyPEM, 0o600); err != nil {
		return err
	}
	return os.WriteFile(crt, certPEM, 0o644)
}

func serial() *big.Int {
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return n
}
